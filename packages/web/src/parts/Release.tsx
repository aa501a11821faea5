import { IconLock, IconLockOpen } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatDay } from "../i18n/format.ts";
import { Chip } from "./Chip.tsx";

/** Whether data are open, and since or until when. */
export function Release({ releaseAt }: { releaseAt: string | null }) {
  const { t } = useTranslation();
  if (releaseAt === null)
    return (
      <Chip tone="note" icon={<IconLock size={14} />}>
        {t("release.never")}
      </Chip>
    );
  if (Date.parse(releaseAt) <= Date.now())
    return (
      <Chip tone="accent" icon={<IconLockOpen size={14} />}>
        {t("release.open")}
      </Chip>
    );
  return (
    <Chip tone="note" icon={<IconLock size={14} />}>
      {t("release.until", { day: formatDay(releaseAt) })}
    </Chip>
  );
}
