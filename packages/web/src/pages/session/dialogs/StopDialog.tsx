import { useTranslation } from "react-i18next";
import { Dialog } from "../../../parts/Dialog.tsx";
import { useStopSession } from "../../../portal/change-session.ts";
import type { SessionDialogProps } from "./props.ts";

/** Before a session is stopped: what stays and what goes. */
export function StopDialog({ session, opened, close }: SessionDialogProps) {
  const { t } = useTranslation();
  const stop = useStopSession();
  const run = () => stop.mutate(session.id, { onSuccess: close });
  return (
    <Dialog
      title={t("stop.title", { name: session.name })}
      opened={opened}
      close={close}
      act={{ label: t("stop.act"), run, danger: true }}
      busy={stop.isPending}
      error={stop.error}
    >
      <p>
        <strong>{t("stop.kept")}</strong> {t("stop.keptWhat", { path: session.resultsPath })}
      </p>
      <p>
        <strong>{t("stop.lost")}</strong> {t("stop.lostWhat")}
      </p>
    </Dialog>
  );
}
