import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { Offer } from "./offers.ts";
import classes from "./Start.module.css";

interface EnvironmentChoiceProps {
  readonly offers: readonly Offer[];
  readonly chosen: string;
  readonly choose: (environment: string) => void;
}

/** Environments by how well they fit; those made for something else are folded away. */
export function EnvironmentChoice({ offers, chosen, choose }: EnvironmentChoiceProps) {
  const { t } = useTranslation();
  const group = useId();
  const fitting = offers.filter(({ score }) => score > 0);
  const others = offers.filter(({ score }) => score <= 0);
  const option = (offer: Offer) => (
    <EnvironmentOption
      key={offer.environment}
      offer={offer}
      group={group}
      isBest={offer === fitting[0]}
      isChosen={offer.environment === chosen}
      choose={choose}
    />
  );
  return (
    <fieldset className={classes.choice}>
      <legend>{t("fact.environment")}</legend>
      {fitting.map(option)}
      {others.length > 0 && (
        <details className={classes.others} open={fitting.length === 0}>
          <summary>{t("analyse.others", { count: others.length })}</summary>
          <div className={classes.choice}>{others.map(option)}</div>
        </details>
      )}
    </fieldset>
  );
}

interface EnvironmentOptionProps {
  readonly offer: Offer;
  readonly group: string;
  readonly isBest: boolean;
  readonly isChosen: boolean;
  readonly choose: (environment: string) => void;
}

function EnvironmentOption({ offer, group, isBest, isChosen, choose }: EnvironmentOptionProps) {
  const { t } = useTranslation();
  return (
    <label className={classes.option}>
      <input
        type="radio"
        name={group}
        value={offer.environment}
        checked={isChosen}
        onChange={() => choose(offer.environment)}
      />
      <span className={classes.optionText}>
        <strong>{offer.title}</strong>
        <span className={isBest ? classes.best : classes.reason}>{offer.reason}</span>
        {offer.proposed === null && <span className={classes.refused}>{t("analyse.notNow")}</span>}
      </span>
    </label>
  );
}
