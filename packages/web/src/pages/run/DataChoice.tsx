import type { Dataset } from "@endstation/api";
import { Button, Checkbox } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatBytes, formatDay } from "../../i18n/format.ts";
import classes from "./Run.module.css";

/** More the portal does not take in one request. */
const mostAtOnce = 50;

interface DataChoiceProps {
  readonly datasets: readonly Dataset[];
  readonly chosen: readonly string[];
  readonly choose: (ids: readonly string[]) => void;
}

/** Which of the data; a dataset alone needs no choice. */
export function DataChoice({ datasets, chosen, choose }: DataChoiceProps) {
  const { t } = useTranslation();
  const [only, ...others] = datasets;
  if (only !== undefined && others.length === 0) return <Named dataset={only} />;
  const toggle = (id: string, isOn: boolean) =>
    choose(datasets.map((one) => one.id).filter((one) => (one === id ? isOn : chosen.includes(one))));
  const isFull = chosen.length >= mostAtOnce;
  return (
    <div className={classes.data}>
      <p className={classes.bar}>
        <span role="status">{t("run.chosen", { count: chosen.length, of: datasets.length })}</span>
        <Button
          size="xs"
          variant="default"
          onClick={() => choose(datasets.slice(0, mostAtOnce).map(({ id }) => id))}
        >
          {t("run.all")}
        </Button>
        <Button size="xs" variant="default" onClick={() => choose([])}>
          {t("run.none")}
        </Button>
      </p>
      <ul className={classes.list} aria-label={t("run.data")}>
        {datasets.map((dataset) => (
          <li key={dataset.id}>
            <Checkbox
              label={dataset.title}
              description={factsOf(dataset)}
              checked={chosen.includes(dataset.id)}
              disabled={isFull && !chosen.includes(dataset.id)}
              onChange={(event) => toggle(dataset.id, event.currentTarget.checked)}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Named({ dataset }: { dataset: Dataset }) {
  return (
    <>
      <p className={classes.name}>{dataset.title}</p>
      <p className={classes.quiet}>{factsOf(dataset)}</p>
    </>
  );
}

function factsOf({ createdAt, sizeBytes, instrument }: Dataset): string {
  const day = createdAt === null ? [] : [formatDay(createdAt)];
  return [instrument, ...day, formatBytes(sizeBytes)].join(" · ");
}
