import type { Proposal } from "@endstation/api";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty.tsx";
import { ExperimentCard } from "./ExperimentCard.tsx";
import classes from "./Experiments.module.css";

interface ExperimentGridProps {
  readonly proposals: readonly Proposal[];
  readonly words: string;
  readonly mine: boolean;
}

export function ExperimentGrid({ proposals, words, mine }: ExperimentGridProps) {
  const { t } = useTranslation();
  const shown = proposals.filter((proposal) => has(proposal, words));
  if (proposals.length === 0 && mine) {
    const findData = (
      <Button component={Link} to="/datasets">
        {t("experiments.findOpen")}
      </Button>
    );
    return (
      <Empty title={t("experiments.none")} action={findData}>
        {t("experiments.noneNext")}
      </Empty>
    );
  }
  if (shown.length === 0)
    return <Empty title={t("experiments.noMatch")}>{t("experiments.noMatchNext")}</Empty>;
  return (
    <ul className={classes.grid}>
      {shown.map((proposal) => (
        <li key={proposal.id}>
          <ExperimentCard proposal={proposal} />
        </li>
      ))}
    </ul>
  );
}

function has({ title, instrument, facility, id }: Proposal, words: string): boolean {
  const text = `${title} ${instrument} ${facility} ${id}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
