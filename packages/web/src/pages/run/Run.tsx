import type { Dataset } from "@endstation/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { offersOf } from "../../parts/start/offers.ts";
import { usePlans } from "../../portal/environments.ts";
import { DataChoice } from "./DataChoice.tsx";
import classes from "./Run.module.css";
import { RunForm } from "./RunForm.tsx";

/** The data beside what is to run on them. What fits the first of the data is proposed. */
export function Run({ datasets }: { datasets: readonly Dataset[] }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<readonly string[]>(datasets.slice(0, 1).map(({ id }) => id));
  const [first] = chosen;
  return (
    <div className={datasets.length === 1 ? classes.single : classes.columns}>
      <Card title={t("run.data")} id="run-data">
        <DataChoice datasets={datasets} chosen={chosen} choose={setChosen} />
      </Card>
      <Card title={t("run.what")} id="run-what">
        {first === undefined ? (
          <Empty title={t("run.chooseData")} />
        ) : (
          <WithPlans first={first} datasets={chosen} isSingle={datasets.length === 1} />
        )}
      </Card>
    </div>
  );
}

interface WithPlansProps {
  readonly first: string;
  readonly datasets: readonly string[];
  readonly isSingle: boolean;
}

function WithPlans({ first, datasets, isSingle }: WithPlansProps) {
  const plans = usePlans({ dataset: first, kind: "batch" });
  return (
    <Loaded query={plans} shape={<Lines count={6} height={40} />}>
      {({ items }) => <RunForm offers={offersOf(items)} datasets={datasets} isSingle={isSingle} />}
    </Loaded>
  );
}
