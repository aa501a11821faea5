import { Anchor } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../parts/Page.tsx";
import classes from "./Frame.module.css";

/** On the way to the log-in; the address has where to come back to. */
export function ToLogin({ address }: { address: string }) {
  const { t } = useTranslation();
  useEffect(() => location.replace(address), [address]);
  return (
    <main className={classes.main}>
      <Page title={t("account.toLogin")} narrow>
        <p>
          <Anchor href={address}>{t("account.toLoginLink")}</Anchor>
        </p>
      </Page>
    </main>
  );
}
