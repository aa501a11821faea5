import type { DatasetDetail } from "@endstation/api";
import { useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Card } from "../../../parts/Card.tsx";
import { Lines, Loaded } from "../../../parts/Loaded.tsx";
import { offersOf } from "../../../parts/start/offers.ts";
import { RunLink } from "../../../parts/start/RunLink.tsx";
import classes from "../../../parts/start/Start.module.css";
import { usePlans } from "../../../portal/environments.ts";
import { AlreadyRunning } from "./AlreadyRunning.tsx";
import { AtPlace } from "./AtPlace.tsx";
import { StartForm } from "./StartForm.tsx";

/** What can be started on this dataset, the best first: one click starts it. */
export function Analyse({ dataset }: { dataset: DatasetDetail }) {
  const { t } = useTranslation();
  const place = useSearch({ from: "/datasets/$id" });
  const plans = usePlans({ dataset: dataset.id });
  return (
    <Card title={t("analyse.title")} id="analyse">
      <AtPlace place={place} />
      <AlreadyRunning dataset={dataset.id} />
      <Loaded query={plans} shape={<Lines count={5} height={40} />}>
        {({ items }) => <StartForm offers={offersOf(items)} datasets={[dataset.id]} place={place} />}
      </Loaded>
      <p className={classes.run}>
        <RunLink of={{ dataset: dataset.id }}>{t("run.withoutOpening")}</RunLink>
      </p>
    </Card>
  );
}
