import type { Proposal } from "@endstation/api";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { DatasetList } from "../../parts/dataset/DatasetList.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { Page } from "../../parts/Page.tsx";
import { RunLink } from "../../parts/start/RunLink.tsx";
import { useProposal } from "../../portal/proposals.ts";
import classes from "./Experiment.module.css";
import { ExperimentFacts } from "./ExperimentFacts.tsx";
import { TeamSessions } from "./TeamSessions.tsx";

/** One experiment: its data, its team, and who works on it now. */
export function ExperimentPage() {
  const { id } = useParams({ from: "/proposals/$id" });
  const { t } = useTranslation();
  const proposal = useProposal(id);
  return (
    <Page
      title={proposal.data?.title ?? t("experiment.title")}
      above={<Link to="/">{t("nav.experiments")}</Link>}
      lead={proposal.data?.summary}
    >
      <Loaded query={proposal}>{(found) => <Inside proposal={found} />}</Loaded>
    </Page>
  );
}

function Inside({ proposal }: { proposal: Proposal }) {
  const { t } = useTranslation();
  return (
    <div className={classes.columns}>
      <section aria-labelledby="datasets" className={classes.data}>
        <div className={classes.head}>
          <h2 id="datasets" className={classes.heading}>
            {t("experiment.datasets", { count: proposal.datasetCount })}
          </h2>
          {proposal.datasetCount > 0 && (
            <RunLink of={{ proposal: proposal.id }}>{t("run.onSeveral")}</RunLink>
          )}
        </div>
        <DatasetList
          filter={{ proposal: proposal.id }}
          empty={{ title: t("experiment.noDatasets"), next: t("experiment.noDatasetsNext") }}
        />
      </section>
      <aside className={classes.aside} aria-label={t("experiment.about")}>
        <ExperimentFacts proposal={proposal} />
        <TeamSessions proposal={proposal} />
      </aside>
    </div>
  );
}
