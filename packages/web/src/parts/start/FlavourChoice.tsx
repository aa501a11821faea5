import type { Flavour, Plan } from "@endstation/api";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { formatMemory, formatSpan } from "../../i18n/format.ts";
import { useFlavours } from "../../portal/environments.ts";
import classes from "./Start.module.css";

interface FlavourChoiceProps {
  readonly plans: readonly Plan[];
  readonly chosen: string | null;
  readonly choose: (flavour: string) => void;
}

/** The sizes an environment comes in; one that cannot be had now says so, and why when it is chosen. */
export function FlavourChoice({ plans, chosen, choose }: FlavourChoiceProps) {
  const { t } = useTranslation();
  const group = useId();
  const flavours = useFlavours().data?.items ?? [];
  return (
    <fieldset className={classes.choice}>
      <legend>{t("fact.flavour")}</legend>
      <div className={classes.flavours}>
        {plans.map((plan) => {
          const flavour = flavours.find(({ name }) => name === plan.flavour);
          return (
            <label key={plan.flavour} className={classes.option}>
              <input
                type="radio"
                name={group}
                value={plan.flavour}
                checked={plan.flavour === chosen}
                onChange={() => choose(plan.flavour)}
              />
              <span className={classes.optionText}>
                <strong>{flavour?.title ?? plan.flavour}</strong>
                {flavour !== undefined && <Size flavour={flavour} />}
                <Availability plan={plan} />
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

function Size({ flavour }: { flavour: Flavour }) {
  const { t } = useTranslation();
  const parts = [t("flavour.cpus", { count: flavour.cpus }), formatMemory(flavour.memoryMiB)];
  if (flavour.gpus > 0) parts.push(t("flavour.gpus", { count: flavour.gpus }));
  return parts.map((part) => (
    <span key={part} className={classes.reason}>
      {part}
    </span>
  ));
}

function Availability({ plan }: { plan: Plan }) {
  const { t } = useTranslation();
  if (plan.cause !== null) return <span className={classes.refused}>{plan.cause.title}</span>;
  const wait = plan.waitEstimateSeconds ?? 0;
  if (wait < 5) return null;
  return <span className={classes.reason}>{t("analyse.wait", { span: formatSpan(wait) })}</span>;
}
