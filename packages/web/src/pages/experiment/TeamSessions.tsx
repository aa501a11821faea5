import type { Proposal, Session } from "@endstation/api";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { PhaseChip } from "../../parts/session/PhaseChip.tsx";
import { useSessions } from "../../portal/sessions.ts";
import classes from "./Experiment.module.css";

/** What runs on this experiment's data now, the whole team's (R63). */
export function TeamSessions({ proposal }: { proposal: Proposal }) {
  const { t } = useTranslation();
  const sessions = useSessions({ phase: "live", proposal: proposal.id });
  return (
    <Card title={t("experiment.now")} id="sessions-now">
      <Loaded query={sessions} shape={<Lines count={2} />}>
        {({ pages }) => <Running sessions={pages.flatMap(({ items }) => items)} />}
      </Loaded>
    </Card>
  );
}

function Running({ sessions }: { sessions: readonly Session[] }) {
  const { t } = useTranslation();
  if (sessions.length === 0) return <p className={classes.quiet}>{t("experiment.nothingNow")}</p>;
  return (
    <ul className={classes.sessions}>
      {sessions.map((session) => (
        <li key={session.id}>
          <Link to="/sessions/$id" params={{ id: session.id }}>
            {session.name}
          </Link>
          <span className={classes.quiet}>{session.owner.name}</span>
          <PhaseChip session={session} />
        </li>
      ))}
    </ul>
  );
}
