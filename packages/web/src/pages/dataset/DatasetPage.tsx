import type { DatasetDetail } from "@endstation/api";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { AccessChip, KindChip } from "../../parts/dataset/AccessChip.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { Page } from "../../parts/Page.tsx";
import { useDataset } from "../../portal/datasets.ts";
import { Analyse } from "./analyse/Analyse.tsx";
import classes from "./Dataset.module.css";
import { DatasetFacts } from "./DatasetFacts.tsx";
import { Embargoed } from "./Embargoed.tsx";
import { Files } from "./Files.tsx";
import { Hindrances } from "./Hindrances.tsx";
import { Parameters } from "./Parameters.tsx";
import { Picture } from "./Picture.tsx";

/** One dataset: a look at it, all that is known of it, its files, and what can be done with it. */
export function DatasetPage() {
  const { id } = useParams({ from: "/datasets/$id" });
  const { t } = useTranslation();
  const dataset = useDataset(id);
  return (
    <Page
      title={dataset.data?.title ?? t("dataset.title")}
      above={<Above dataset={dataset.data} />}
      lead={dataset.data === undefined ? undefined : <Chips dataset={dataset.data} />}
    >
      <Loaded query={dataset}>{(found) => <Inside dataset={found} />}</Loaded>
    </Page>
  );
}

function Above({ dataset }: { dataset: DatasetDetail | undefined }) {
  const { t } = useTranslation();
  if (dataset === undefined) return <Link to="/datasets">{t("nav.datasets")}</Link>;
  return (
    <Link to="/proposals/$id" params={{ id: dataset.proposal }}>
      {t("dataset.ofExperiment", { proposal: dataset.proposal })}
    </Link>
  );
}

function Chips({ dataset }: { dataset: DatasetDetail }) {
  return (
    <span className={classes.chips}>
      <AccessChip dataset={dataset} />
      <KindChip kind={dataset.kind} />
    </span>
  );
}

function Inside({ dataset }: { dataset: DatasetDetail }) {
  const readable = dataset.access !== "embargoed";
  return (
    <div className={classes.columns}>
      <div className={classes.look}>
        <Hindrances problems={dataset.problems} />
        {readable && <Picture id={dataset.id} />}
      </div>
      <div className={classes.side}>
        {readable ? <Analyse dataset={dataset} /> : <Embargoed dataset={dataset} />}
        <DatasetFacts dataset={dataset} />
      </div>
      <div className={classes.details}>
        <Parameters parameters={dataset.parameters} />
        {readable && <Files dataset={dataset} />}
      </div>
    </div>
  );
}
