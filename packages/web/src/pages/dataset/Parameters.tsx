import type { DatasetDetail } from "@endstation/api";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../../i18n/format.ts";
import { Card } from "../../parts/Card.tsx";
import classes from "./Dataset.module.css";

type Parameter = DatasetDetail["parameters"][number];

/** The named quantities of a dataset, as the file has them. */
export function Parameters({ parameters }: { parameters: readonly Parameter[] }) {
  const { t } = useTranslation();
  if (parameters.length === 0) return null;
  return (
    <Card title={t("dataset.parameters")} id="parameters">
      <table className={classes.table} aria-labelledby="parameters">
        <thead>
          <tr>
            <th scope="col">{t("fact.name")}</th>
            <th scope="col">{t("fact.value")}</th>
            <th scope="col">{t("fact.unit")}</th>
          </tr>
        </thead>
        <tbody>
          {parameters.map((parameter) => (
            <tr key={`${parameter.name} ${parameter.value} ${parameter.unit}`}>
              <td>{parameter.name}</td>
              <td className={classes.long}>{textOf(parameter)}</td>
              <td>{parameter.unit}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

const most = 8;

function textOf({ value }: Parameter): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return formatNumber(value);
  const shown = value.slice(0, most).map(formatNumber).join(", ");
  return value.length > most ? `${shown} …` : shown;
}
