import type { Proposal } from "@endstation/api";
import { IconCircleFilled, IconDatabase, IconUsers } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { formatDays } from "../../i18n/format.ts";
import { Chip } from "../../parts/Chip.tsx";
import { Release } from "../../parts/Release.tsx";
import classes from "./Experiments.module.css";

/** One experiment: where, when, who, how much, and what runs on it now. */
export function ExperimentCard({ proposal }: { proposal: Proposal }) {
  const { t } = useTranslation();
  const title = useId();
  return (
    <article className={classes.card}>
      <p className={classes.where}>
        <strong>{proposal.instrument}</strong>
        <span>{proposal.facility}</span>
      </p>
      <h2 id={title} className={classes.title}>
        <Link to="/proposals/$id" params={{ id: proposal.id }}>
          {proposal.title}
        </Link>
      </h2>
      <p className={classes.when}>{formatDays(proposal.startsAt, proposal.endsAt)}</p>
      <ul className={classes.facts}>
        <li>
          <IconUsers aria-hidden size={16} />
          <span>{teamOf(proposal, (count) => t("experiments.more", { count }))}</span>
        </li>
        <li>
          <IconDatabase aria-hidden size={16} />
          <span>{t("experiments.datasets", { count: proposal.datasetCount })}</span>
        </li>
      </ul>
      <p className={classes.chips}>
        <Release releaseAt={proposal.releaseAt} />
        {proposal.myRole !== null && <Chip tone="quiet">{t(`role.${proposal.myRole}`)}</Chip>}
        {proposal.liveSessionCount > 0 && (
          <Chip tone="good" icon={<IconCircleFilled size={9} />}>
            {t("experiments.running", { count: proposal.liveSessionCount })}
          </Chip>
        )}
      </p>
      {proposal.datasetCount > 0 && (
        <p className={classes.run}>
          <Link to="/run" search={{ proposal: proposal.id }} aria-describedby={title}>
            {t("run.withoutOpening")}
          </Link>
        </p>
      )}
    </article>
  );
}

/** The principal investigator first; the rest as a number when there are many. */
function teamOf({ members }: Proposal, more: (count: number) => string): string {
  const lead = members.filter(({ role }) => role === "principal-investigator");
  const names = [...lead, ...members.filter((member) => !lead.includes(member))].map(({ name }) => name);
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 2).join(", ")} ${more(names.length - 2)}`;
}
