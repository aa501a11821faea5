import { Button } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "../../../parts/Empty.tsx";
import { ProblemNotice } from "../../../parts/ProblemNotice.tsx";
import { EnvironmentChoice } from "../../../parts/start/EnvironmentChoice.tsx";
import { FlavourChoice } from "../../../parts/start/FlavourChoice.tsx";
import { NotebookChoice } from "../../../parts/start/NotebookChoice.tsx";
import type { Offer } from "../../../parts/start/offers.ts";
import { Refused } from "../../../parts/start/Refused.tsx";
import classes from "../../../parts/start/Start.module.css";
import { useChoice } from "../../../parts/start/useChoice.ts";
import { useStartSession } from "../../../portal/change-session.ts";
import type { PlaceSearch } from "../../../shell/search.ts";

interface StartFormProps {
  readonly offers: readonly Offer[];
  readonly datasets: readonly string[];
  /** Where in the data the analysis is to begin. */
  readonly place?: PlaceSearch;
}

/** The choice of environment, flavour and notebook; the best is chosen already. */
export function StartForm({ offers, datasets, place = {} }: StartFormProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const start = useStartSession();
  const choice = useChoice(offers);
  const { offer, plan, notebook, values } = choice;
  if (offer === undefined) return <Empty title={t("analyse.nothing")}>{t("analyse.nothingNext")}</Empty>;
  const go = async () => {
    if (plan === null) return;
    const { environment, flavour } = plan;
    const session = await start.mutateAsync({
      ...{ environment, flavour, datasets: [...datasets] },
      ...(notebook === undefined
        ? {}
        : { notebook: notebook.file, parameters: { ...placeParameters(datasets, place), ...values } }),
    });
    await navigate({ to: "/sessions/$id", params: { id: session.id } });
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void go().catch(() => undefined);
      }}
    >
      <EnvironmentChoice offers={offers} chosen={offer.environment} choose={choice.chooseEnvironment} />
      <FlavourChoice plans={offer.plans} chosen={plan?.flavour ?? null} choose={choice.chooseFlavour} />
      <NotebookChoice choice={choice} label={t("fact.notebook")} />
      {plan?.cause != null && <Refused cause={plan.cause} />}
      {start.isError && <ProblemNotice error={start.error} />}
      <Button
        type="submit"
        size="md"
        fullWidth
        loading={start.isPending}
        disabled={plan === null || plan.cause !== null || !choice.isKnown}
        leftSection={<IconPlayerPlay aria-hidden size={18} />}
      >
        {t("analyse.start")}
      </Button>
    </form>
  );
}

/** What notebooks call the file and the path in it; a notebook without such a name leaves it out. */
function placeParameters([dataset]: readonly string[], { file, path }: PlaceSearch): Record<string, string> {
  if (file === undefined || dataset === undefined) return {};
  return { data_path: `/data/${dataset}/${file}`, ...(path === undefined ? {} : { hdf5_path: path }) };
}
