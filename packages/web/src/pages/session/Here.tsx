import type { Present, Session } from "@endstation/api";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { When } from "../../parts/When.tsx";
import { useMe } from "../../portal/me.ts";
import { mayDo } from "../../portal/phases.ts";
import { usePresent } from "../../portal/sharing.ts";
import { HandOver } from "./HandOver.tsx";
import classes from "./Session.module.css";

/** Who is inside now, as what and since when; the owner hands the keyboard over here. */
export function Here({ session }: { session: Session }) {
  return session.phase === "running" && session.endpoints.length > 0 ? <HereCard session={session} /> : null;
}

function HereCard({ session }: { session: Session }) {
  const { t } = useTranslation();
  const present = usePresent(session.id);
  return (
    <Card title={t("here.title")} id="here">
      <Loaded query={present} shape={<Lines count={2} />}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={classes.quiet}>{t("here.nobody")}</p>
          ) : (
            <ul className={classes.shares} aria-labelledby="here">
              {items.map((person) => (
                <Person key={person.account} session={session} person={person} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}

function Person({ session, person }: { session: Session; person: Present }) {
  const { t } = useTranslation();
  const isMe = useMe().data?.account === person.account;
  return (
    <li>
      <span className={classes.person}>
        {person.name}
        <span className={classes.quiet}> ({isMe ? t("here.you") : person.account})</span>
      </span>
      <span className={classes.quiet}>
        {t(`here.role.${person.role}`)}, {t("here.since")} <When at={person.since} as="relative" />
      </span>
      {mayDo("share", session) && <HandOver id={session.id} person={person} />}
    </li>
  );
}
