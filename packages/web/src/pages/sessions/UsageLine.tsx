import { useTranslation } from "react-i18next";
import { formatDay, formatSpan } from "../../i18n/format.ts";
import { useUsage } from "../../portal/sessions.ts";

/** How many of the sessions she may have at once are live, and how long they ran in the period that the portal counts. */
export function UsageLine() {
  const { t } = useTranslation();
  const usage = useUsage().data;
  if (usage === undefined) return t("sessions.lead");
  const { live, liveLimit, liveBatch, liveBatchLimit, runningSeconds, from } = usage;
  const words = {
    live,
    limit: liveLimit,
    batch: liveBatch,
    batchLimit: liveBatchLimit,
    span: formatSpan(runningSeconds),
    day: formatDay(from),
  };
  return liveBatch > 0 ? t("sessions.usageWithBatch", words) : t("sessions.usage", words);
}
