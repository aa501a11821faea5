import type { Proposal } from "@endstation/api";
import { useTranslation } from "react-i18next";
import { formatDays } from "../../i18n/format.ts";
import { Card } from "../../parts/Card.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { Release } from "../../parts/Release.tsx";
import classes from "./Experiment.module.css";

export function ExperimentFacts({ proposal }: { proposal: Proposal }) {
  const { t } = useTranslation();
  return (
    <Card title={t("experiment.about")} id="about-experiment">
      <Facts
        items={[
          [t("fact.instrument"), proposal.instrument],
          [t("fact.facility"), proposal.facility],
          [t("fact.dates"), formatDays(proposal.startsAt, proposal.endsAt)],
          [t("fact.proposal"), <code key="id">{proposal.id}</code>],
          [t("fact.release"), <Release key="release" releaseAt={proposal.releaseAt} />],
          [t("fact.team"), <Team key="team" members={proposal.members} />],
        ]}
      />
    </Card>
  );
}

function Team({ members }: { members: Proposal["members"] }) {
  const { t } = useTranslation();
  return (
    <ul className={classes.team}>
      {members.map(({ name, role }) => (
        <li key={`${name} ${role}`}>
          {name}
          <span>{t(`role.${role}`)}</span>
        </li>
      ))}
    </ul>
  );
}
