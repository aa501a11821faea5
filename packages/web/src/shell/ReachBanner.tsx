import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Notice } from "../parts/Notice.tsx";
import { keys } from "../portal/keys.ts";
import { useReachable } from "../portal/reachability.ts";

const againMs = 3_000;

/** Says that the portal does not answer, tries again by itself, and brings everything up to date when it is back. */
export function ReachBanner() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const reachable = useReachable();
  useEffect(() => {
    if (reachable) return;
    const ask = setInterval(() => void client.refetchQueries({ queryKey: keys.me }), againMs);
    return () => {
      clearInterval(ask);
      void client.invalidateQueries();
    };
  }, [reachable, client]);
  if (reachable) return null;
  return (
    <Notice
      role="alert"
      tone="bad"
      title={navigator.onLine ? t("reach.down") : t("reach.offline")}
      actions={
        <Button size="xs" variant="default" onClick={() => void client.refetchQueries({ queryKey: keys.me })}>
          {t("common.tryAgain")}
        </Button>
      }
    >
      {t("reach.goesOn")}
    </Notice>
  );
}
