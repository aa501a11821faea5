import type { Session } from "@endstation/api";
import {
  IconAlertTriangle,
  IconCircleFilled,
  IconHourglass,
  IconLoader,
  IconPlayerPause,
  IconPlayerStop,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { toneOfPhase } from "../../portal/phases.ts";
import { Chip } from "../Chip.tsx";

const icons: Readonly<Record<Session["phase"], typeof IconLoader>> = {
  pending: IconHourglass,
  starting: IconLoader,
  running: IconCircleFilled,
  suspended: IconPlayerPause,
  stopping: IconLoader,
  stopped: IconPlayerStop,
  failed: IconAlertTriangle,
};

/** A session's phase; that the back-end cannot be asked is said beside it, never instead. */
export function PhaseChip({ session }: { session: Pick<Session, "phase" | "contactLostSince"> }) {
  const { t } = useTranslation();
  const Icon = icons[session.phase];
  const size = session.phase === "running" ? 9 : 14;
  return (
    <>
      <Chip tone={toneOfPhase[session.phase]} icon={<Icon size={size} />}>
        {t(`phase.${session.phase}`)}
      </Chip>
      {session.contactLostSince !== null && (
        <Chip tone="note" icon={<IconPlugConnectedX size={14} />}>
          {t("session.contactLostShort")}
        </Chip>
      )}
    </>
  );
}
