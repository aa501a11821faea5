import type { Session } from "@endstation/api";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { When } from "../../parts/When.tsx";
import { useEnvironments } from "../../portal/environments.ts";
import { isEnded } from "../../portal/phases.ts";
import classes from "./Session.module.css";

/** What was asked for, and where things are inside. */
export function SessionFacts({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { proposal } = session;
  const end =
    session.endedAt === null
      ? [t("fact.expires"), isEnded(session) ? null : <When key="end" at={session.expiresAt} />]
      : [t("fact.ended"), <When key="end" at={session.endedAt} />];
  return (
    <Card title={t("session.about")} id="about-session">
      <Facts
        items={[
          [t("fact.environment"), <EnvironmentTitle key="environment" name={session.environment} />],
          [t("fact.flavour"), session.flavour],
          [t("fact.provider"), [session.provider, session.placement].filter(Boolean).join(": ")],
          [t("fact.owner"), session.owner.name],
          [t("fact.proposal"), proposal === null ? null : <ToProposal key="proposal" id={proposal} />],
          [t("fact.data"), <Datasets key="data" ids={session.datasets} />],
          [t("fact.notebook"), session.job === null ? session.notebook : null],
          [t("fact.results"), <code key="results">{session.resultsPath}</code>],
          [t("fact.created"), <When key="created" at={session.createdAt} />],
          end as [string, React.ReactNode],
          [t("fact.id"), <code key="id">{session.id}</code>],
        ]}
      />
    </Card>
  );
}

/** Its title, or its name while that is all that is known. */
function EnvironmentTitle({ name }: { name: string }) {
  const found = useEnvironments().data?.items.find((environment) => environment.name === name);
  return found?.title ?? name;
}

function ToProposal({ id }: { id: string }) {
  return (
    <Link to="/proposals/$id" params={{ id }}>
      {id}
    </Link>
  );
}

function Datasets({ ids }: { ids: readonly string[] }) {
  const { t } = useTranslation();
  if (ids.length === 0) return t("session.noData");
  return (
    <ul className={classes.list}>
      {ids.map((id) => (
        <li key={id}>
          <Link to="/datasets/$id" params={{ id }}>
            {id}
          </Link>
        </li>
      ))}
    </ul>
  );
}
