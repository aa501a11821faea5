import { Button } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../parts/Empty.tsx";
import { Page } from "../parts/Page.tsx";
import classes from "./Frame.module.css";

/** The portal did not answer the very first question; it is asked again by itself. */
export function PortalDown({ retry }: { retry: () => void }) {
  const { t } = useTranslation();
  useEffect(() => {
    const again = setInterval(retry, 5_000);
    return () => clearInterval(again);
  }, [retry]);
  return (
    <main className={classes.main}>
      <Page title={t("portal.name")} narrow>
        <Empty title={t("reach.down")} action={<Button onClick={retry}>{t("common.tryAgain")}</Button>}>
          {t("reach.goesOn")}
        </Empty>
      </Page>
    </main>
  );
}
