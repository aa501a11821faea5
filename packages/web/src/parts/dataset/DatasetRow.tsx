import type { Dataset } from "@endstation/api";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatBytes, formatDay } from "../../i18n/format.ts";
import { DatasetPicture } from "../../plot/DatasetPicture.tsx";
import { AccessChip, KindChip } from "./AccessChip.tsx";
import classes from "./Dataset.module.css";

/** A dataset in a list: its picture, what it is, when and how much. */
export function DatasetRow({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation();
  const facts = [
    dataset.createdAt === null ? null : formatDay(dataset.createdAt),
    formatBytes(dataset.sizeBytes),
    t("dataset.files", { count: dataset.fileCount }),
  ].filter((fact) => fact !== null);
  return (
    <article className={classes.row}>
      <div className={classes.picture} aria-hidden>
        <DatasetPicture id={dataset.id} readable={dataset.access !== "embargoed"} />
      </div>
      <div className={classes.text}>
        <p className={classes.where}>
          <strong>{dataset.instrument}</strong> <span>{dataset.facility}</span>
        </p>
        <h3 className={classes.title}>
          <Link to="/datasets/$id" params={{ id: dataset.id }}>
            {dataset.title}
          </Link>
        </h3>
        {dataset.sample !== null && <p className={classes.sample}>{dataset.sample.name}</p>}
        <p className={classes.quiet}>{dataset.techniques.map(({ label }) => label).join(" · ")}</p>
        <p className={classes.quiet}>{facts.join(" · ")}</p>
      </div>
      <p className={classes.chips}>
        <AccessChip dataset={dataset} />
        <KindChip kind={dataset.kind} />
      </p>
    </article>
  );
}
