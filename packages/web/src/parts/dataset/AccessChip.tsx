import type { Dataset } from "@endstation/api";
import { IconLock, IconLockOpen, IconUsers } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatDay } from "../../i18n/format.ts";
import { Chip } from "../Chip.tsx";

/** Why somebody may read it, or until when she may not. */
export function AccessChip({ dataset }: { dataset: Pick<Dataset, "access" | "releaseAt"> }) {
  const { t } = useTranslation();
  if (dataset.access === "open")
    return (
      <Chip tone="accent" icon={<IconLockOpen size={14} />}>
        {t("release.open")}
      </Chip>
    );
  if (dataset.access === "member")
    return (
      <Chip tone="note" icon={<IconUsers size={14} />}>
        {t("release.team")}
      </Chip>
    );
  return (
    <Chip tone="busy" icon={<IconLock size={14} />}>
      {dataset.releaseAt === null
        ? t("release.never")
        : t("release.until", { day: formatDay(dataset.releaseAt) })}
    </Chip>
  );
}

/** Raw data are the rule; what was made from them, or in a computer, is marked (R10). */
export function KindChip({ kind }: { kind: Dataset["kind"] }) {
  const { t } = useTranslation();
  return <Chip tone={kind === "simulated" ? "busy" : "quiet"}>{t(`kind.${kind}`)}</Chip>;
}
