import type { DatasetDetail } from "@endstation/api";
import { useTranslation } from "react-i18next";
import { formatDay } from "../../i18n/format.ts";
import { Notice } from "../../parts/Notice.tsx";
import { useProposal } from "../../portal/proposals.ts";

/** Why this cannot be read or analysed by her yet, and whom to ask. */
export function Embargoed({ dataset }: { dataset: DatasetDetail }) {
  const { t } = useTranslation();
  const proposal = useProposal(dataset.proposal);
  const lead = proposal.data?.members.find(({ role }) => role === "principal-investigator");
  const title =
    dataset.releaseAt === null
      ? t("embargo.never")
      : t("embargo.until", { day: formatDay(dataset.releaseAt) });
  return (
    <Notice tone="busy" title={title}>
      <p>{t("embargo.what")}</p>
      <p>{lead === undefined ? t("embargo.ask") : t("embargo.askName", { name: lead.name })}</p>
    </Notice>
  );
}
