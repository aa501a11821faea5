import { Button, NativeSelect } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { EnvironmentChoice } from "../../parts/start/EnvironmentChoice.tsx";
import { FlavourChoice } from "../../parts/start/FlavourChoice.tsx";
import { NotebookChoice } from "../../parts/start/NotebookChoice.tsx";
import type { Offer } from "../../parts/start/offers.ts";
import { Refused } from "../../parts/start/Refused.tsx";
import classes from "../../parts/start/Start.module.css";
import { useChoice } from "../../parts/start/useChoice.ts";
import { useStartSession } from "../../portal/change-session.ts";

interface RunFormProps {
  readonly offers: readonly Offer[];
  readonly datasets: readonly string[];
  /** There is one dataset and no choice. */
  readonly isSingle: boolean;
}

/** The notebook with its parameters, and where it runs; of several datasets each gets a session of its own. */
export function RunForm({ offers, datasets, isSingle }: RunFormProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const start = useStartSession();
  const choice = useChoice(offers);
  const [retries, setRetries] = useState(0);
  const { offer, plan, notebook, values } = choice;
  if (offer === undefined) return <Empty title={t("analyse.nothing")}>{t("analyse.nothingNext")}</Empty>;
  const run = async () => {
    if (plan === null || notebook === undefined) return;
    const { environment, flavour } = plan;
    const over = isSingle ? {} : { over: "datasets" as const };
    const job = { notebook: notebook.file, retries, ...over };
    const body = { environment, flavour, datasets: [...datasets], parameters: values, job };
    const session = await start.mutateAsync(body);
    await navigate({ to: "/sessions/$id", params: { id: session.id } });
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void run().catch(() => undefined);
      }}
    >
      <EnvironmentChoice offers={offers} chosen={offer.environment} choose={choice.chooseEnvironment} />
      <NotebookChoice choice={choice} label={t("run.notebook")} />
      {notebook === undefined && <Empty title={t("run.noNotebook")} />}
      <FlavourChoice plans={offer.plans} chosen={plan?.flavour ?? null} choose={choice.chooseFlavour} />
      <Retries retries={retries} set={setRetries} />
      {plan?.cause != null && <Refused cause={plan.cause} />}
      {start.isError && <ProblemNotice error={start.error} />}
      <Button
        type="submit"
        size="md"
        fullWidth
        loading={start.isPending}
        disabled={plan === null || plan.cause !== null || notebook === undefined}
        leftSection={<IconPlayerPlay aria-hidden size={18} />}
      >
        {isSingle ? t("run.act") : t("run.actOn", { count: datasets.length })}
      </Button>
    </form>
  );
}

const retriesOffered = [0, 1, 2, 3, 4, 5];

function Retries({ retries, set }: { retries: number; set: (retries: number) => void }) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      label={t("run.retries")}
      value={String(retries)}
      onChange={(event) => set(Number(event.currentTarget.value))}
      data={retriesOffered.map((count) => ({
        value: String(count),
        label: count === 0 ? t("run.never") : t("run.times", { count }),
      }))}
    />
  );
}
