import type { Dataset } from "@endstation/api";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { Page } from "../../parts/Page.tsx";
import { useDataset, useDatasets } from "../../portal/datasets.ts";
import { Run } from "./Run.tsx";

/** Where a notebook is run from its first cell to its last, on one dataset or on each of several. */
export function RunPage() {
  const { t } = useTranslation();
  const { dataset, proposal } = useSearch({ from: "/run" });
  return (
    <Page title={t("run.title")} lead={t("run.lead")} above={<Above dataset={dataset} proposal={proposal} />}>
      {dataset !== undefined ? (
        <OfDataset id={dataset} />
      ) : proposal !== undefined ? (
        <OfProposal id={proposal} />
      ) : (
        <Empty title={t("run.noData")}>{t("run.noDataNext")}</Empty>
      )}
    </Page>
  );
}

type Ids = { readonly dataset: string | undefined; readonly proposal: string | undefined };

function Above({ dataset, proposal }: Ids) {
  const { t } = useTranslation();
  if (dataset !== undefined)
    return (
      <Link to="/datasets/$id" params={{ id: dataset }}>
        {t("run.toDataset")}
      </Link>
    );
  if (proposal !== undefined)
    return (
      <Link to="/proposals/$id" params={{ id: proposal }}>
        {t("dataset.ofExperiment", { proposal })}
      </Link>
    );
  return <Link to="/datasets">{t("nav.datasets")}</Link>;
}

function OfDataset({ id }: { id: string }) {
  return <Loaded query={useDataset(id)}>{(found) => <Runnable datasets={[found]} />}</Loaded>;
}

const most = 200;

function OfProposal({ id }: { id: string }) {
  const datasets = useDatasets({ proposal: id }, most);
  return (
    <Loaded query={datasets}>
      {({ pages }) => <Runnable datasets={pages.flatMap(({ items }) => items)} />}
    </Loaded>
  );
}

function Runnable({ datasets }: { datasets: readonly Dataset[] }) {
  const { t } = useTranslation();
  const readable = datasets.filter(({ access }) => access !== "embargoed");
  if (readable.length === 0) return <Empty title={t("run.nothing")}>{t("run.nothingNext")}</Empty>;
  return <Run datasets={readable} />;
}
