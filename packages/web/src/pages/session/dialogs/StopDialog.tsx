import { Checkbox } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../../parts/Dialog.tsx";
import { useStopSession } from "../../../portal/change-session.ts";
import type { SessionDialogProps } from "./props.ts";

/** Before a session is stopped: what stays and what goes. */
export function StopDialog({ session, opened, close }: SessionDialogProps) {
  const { t } = useTranslation();
  const stop = useStopSession();
  const [array, setArray] = useState(false);
  const run = () => stop.mutate({ id: session.id, array }, { onSuccess: close });
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
      {session.array !== null && (
        <Checkbox
          label={t("stop.array", { count: session.array.size - 1 })}
          checked={array}
          onChange={(event) => setArray(event.currentTarget.checked)}
        />
      )}
    </Dialog>
  );
}
