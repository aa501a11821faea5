import { Button } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../../../parts/Empty.tsx";
import { ProblemNotice } from "../../../parts/ProblemNotice.tsx";
import { useStartSession } from "../../../portal/change-session.ts";
import classes from "./Analyse.module.css";
import { EnvironmentChoice } from "./EnvironmentChoice.tsx";
import { FlavourChoice } from "./FlavourChoice.tsx";
import { NotebookChoice } from "./NotebookChoice.tsx";
import type { Offer } from "./offers.ts";
import { Refused } from "./Refused.tsx";

/** The choice of environment, flavour and notebook; the best is chosen already. */
export function StartForm({ offers, datasets }: { offers: readonly Offer[]; datasets: readonly string[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const start = useStartSession();
  const [environment, setEnvironment] = useState<string | null>(null);
  const [flavour, setFlavour] = useState<string | null>(null);
  const [notebook, setNotebook] = useState<string | null>(null);
  const offer = offers.find((one) => one.environment === environment) ?? offers[0];
  if (offer === undefined) return <Empty title={t("analyse.nothing")}>{t("analyse.nothingNext")}</Empty>;
  const plan = offer.plans.find((one) => one.flavour === flavour) ?? offer.proposed ?? offer.plans[0] ?? null;
  const choose = (name: string) => {
    setEnvironment(name);
    setFlavour(null);
    setNotebook(null);
  };
  const go = async () => {
    if (plan === null) return;
    const wanted = { environment: plan.environment, flavour: plan.flavour, datasets: [...datasets] };
    const session = await start.mutateAsync(notebook === null ? wanted : { ...wanted, notebook });
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
      <EnvironmentChoice offers={offers} chosen={offer.environment} choose={choose} />
      <FlavourChoice plans={offer.plans} chosen={plan?.flavour ?? null} choose={setFlavour} />
      <NotebookChoice environment={offer.environment} chosen={notebook} choose={setNotebook} />
      {plan?.cause != null && <Refused cause={plan.cause} />}
      {start.isError && <ProblemNotice error={start.error} />}
      <Button
        type="submit"
        size="md"
        fullWidth
        loading={start.isPending}
        disabled={plan === null || plan.cause !== null}
        leftSection={<IconPlayerPlay aria-hidden size={18} />}
      >
        {t("analyse.start")}
      </Button>
    </form>
  );
}
