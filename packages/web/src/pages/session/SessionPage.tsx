import type { Session } from "@endstation/api";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { Page } from "../../parts/Page.tsx";
import { PhaseChip } from "../../parts/session/PhaseChip.tsx";
import { Timeline } from "../../parts/session/Timeline.tsx";
import { useSession } from "../../portal/sessions.ts";
import { Actions } from "./Actions.tsx";
import { ArrayCard } from "./ArrayCard.tsx";
import { Audit } from "./Audit.tsx";
import { type DialogName, Dialogs } from "./dialogs/Dialogs.tsx";
import { Here } from "./Here.tsx";
import { Job } from "./Job.tsx";
import { Log } from "./Log.tsx";
import { NotInside } from "./NotInside.tsx";
import { Notices } from "./Notices.tsx";
import classes from "./Session.module.css";
import { SessionFacts } from "./SessionFacts.tsx";
import { useRefusal } from "./useRefusal.ts";

/** One session: what happens to it, what can be done with it, and why it ended. */
export function SessionPage() {
  const { id } = useParams({ from: "/sessions/$id" });
  const { t } = useTranslation();
  const session = useSession(id);
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const refusal = useRefusal(session);
  const shown = refusal === null ? session.data : undefined;
  return (
    <Page
      title={shown?.name ?? t("session.title")}
      above={<Link to="/sessions">{t("nav.sessions")}</Link>}
      actions={shown === undefined ? undefined : <Actions session={shown} show={setDialog} />}
      lead={shown === undefined ? undefined : <Phase session={shown} />}
    >
      {refusal !== null ? (
        <NotInside id={id} wasInside={session.data !== undefined} error={refusal} />
      ) : (
        <Loaded query={session} shape={<Lines count={6} />}>
          {(found) => (
            <>
              <Inside session={found} show={setDialog} />
              <Dialogs session={found} dialog={dialog} close={() => setDialog(null)} />
            </>
          )}
        </Loaded>
      )}
    </Page>
  );
}

function Phase({ session }: { session: Session }) {
  return (
    <span role="status" className={classes.chips}>
      <PhaseChip session={session} />
    </span>
  );
}

function Inside({ session, show }: { session: Session; show: (dialog: DialogName) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Notices session={session} extend={() => show("extend")} />
      <div className={classes.columns}>
        <div className={classes.main}>
          <Card title={t("session.timeline")} id="timeline">
            <Timeline session={session} />
          </Card>
          <Log session={session} />
          <Audit session={session} />
        </div>
        <div className={classes.main}>
          <Here session={session} />
          <Job session={session} />
          <ArrayCard session={session} />
          <SessionFacts session={session} />
        </div>
      </div>
    </>
  );
}
