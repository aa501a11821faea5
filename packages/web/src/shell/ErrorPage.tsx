import { Button, Group } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Notice } from "../parts/Notice.tsx";
import { Page } from "../parts/Page.tsx";

/** A page broke. The rest of the portal, and every session, goes on. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  return (
    <Page title={t("broken.title")} narrow>
      <Notice role="alert" tone="bad" title={t("broken.what")}>
        <p>{t("broken.next")}</p>
        <p>
          <code>{error instanceof Error ? error.message : String(error)}</code>
        </p>
      </Notice>
      <Group>
        <Button onClick={reset}>{t("common.tryAgain")}</Button>
        <Button variant="default" component="a" href="/">
          {t("broken.home")}
        </Button>
      </Group>
    </Page>
  );
}
