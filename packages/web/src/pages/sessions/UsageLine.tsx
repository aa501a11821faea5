import { useTranslation } from "react-i18next";
import { formatDay, formatSpan } from "../../i18n/format.ts";
import { useUsage } from "../../portal/sessions.ts";

/** How many of the sessions she may have at once are live, and how long they ran in the period that the portal counts. */
export function UsageLine() {
  const { t } = useTranslation();
  const usage = useUsage().data;
  if (usage === undefined) return t("sessions.lead");
  const { live, liveLimit, runningSeconds, from } = usage;
  return t("sessions.usage", {
    live,
    limit: liveLimit,
    span: formatSpan(runningSeconds),
    day: formatDay(from),
  });
}
