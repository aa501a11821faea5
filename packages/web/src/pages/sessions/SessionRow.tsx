import type { Session } from "@endstation/api";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { reasonText } from "../../parts/session/names.ts";
import { OpenButton } from "../../parts/session/OpenButton.tsx";
import { PhaseChip } from "../../parts/session/PhaseChip.tsx";
import { When } from "../../parts/When.tsx";
import { isEnded } from "../../portal/phases.ts";
import classes from "./Sessions.module.css";

/** A session in a list: what it is, how it is, until when or why not any more. */
export function SessionRow({ session }: { session: Session }) {
  const { t } = useTranslation();
  const data = session.datasets.length === 0 ? t("session.noData") : session.datasets.join(", ");
  return (
    <article className={classes.row}>
      <div className={classes.what}>
        <h2 className={classes.name}>
          <Link to="/sessions/$id" params={{ id: session.id }}>
            {session.name}
          </Link>
        </h2>
        <p className={classes.quiet}>
          {session.environment} · {session.flavour} · {data}
        </p>
        {session.myAccess !== "owner" && (
          <p className={classes.quiet}>{t("session.of", { owner: session.owner.name })}</p>
        )}
      </div>
      <p className={classes.chips}>
        <PhaseChip session={session} />
      </p>
      <p className={classes.quiet}>
        {isEnded(session) ? <Ended session={session} /> : <Until session={session} />}
      </p>
      <div className={classes.actions}>
        <OpenButton session={session} size="xs" />
      </div>
    </article>
  );
}

function Until({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <>
      {t("session.startedWhen")} <When at={session.startedAt ?? session.createdAt} as="relative" />
      <br />
      {t("session.endsWhen")} <When at={session.expiresAt} as="relative" />
    </>
  );
}

function Ended({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <>
      {session.cause?.title ?? reasonText(t, session.reason)}
      <br />
      <When at={session.endedAt ?? session.createdAt} />
    </>
  );
}
