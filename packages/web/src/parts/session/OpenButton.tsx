import type { Session } from "@endstation/api";
import { Button } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { isBeginning, mayDo } from "../../portal/phases.ts";

interface OpenButtonProps {
  readonly session: Session;
  readonly size?: "xs" | "sm";
}

/**
 * Leads into a session, in a tab of its own. It is a link, so no pop-up blocker minds; the page behind it waits until
 * the session answers, asks for the ticket and posts it.
 */
export function OpenButton({ session, size = "sm" }: OpenButtonProps) {
  const { t } = useTranslation();
  if (session.endpoints.length === 0 || !mayDo("enter", session)) return null;
  const ready = session.phase === "running";
  if (!ready && !isBeginning(session)) return null;
  return (
    <Button
      component="a"
      href={`/sessions/${session.id}/open`}
      target="_blank"
      rel="noopener"
      size={size}
      variant={ready ? "filled" : "default"}
      leftSection={<IconExternalLink aria-hidden size={16} />}
    >
      {ready ? t("session.open") : t("session.openWhenReady")}
      <span className="es-visually-hidden">{t("session.inNewTab", { name: session.name })}</span>
    </Button>
  );
}
