import type { Session } from "@endstation/api";
import { Anchor } from "@mantine/core";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { Page } from "../../parts/Page.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { Timeline } from "../../parts/session/Timeline.tsx";
import { isBeginning, mayDo } from "../../portal/phases.ts";
import { useSession } from "../../portal/sessions.ts";
import { useEnter } from "./useEnter.ts";

/** The way into a session: waits until it answers, asks for a ticket, and posts it to the session's own origin. */
export function SessionOpenPage() {
  const { id } = useParams({ from: "/sessions/$id/open" });
  const { endpoint } = useSearch({ from: "/sessions/$id/open" });
  const { t } = useTranslation();
  const session = useSession(id);
  return (
    <Page
      narrow
      title={session.data === undefined ? t("open.title") : t("open.titleName", { name: session.data.name })}
      above={
        <Link to="/sessions/$id" params={{ id }}>
          {t("open.toSession")}
        </Link>
      }
    >
      <Loaded query={session} shape={<Lines count={4} />}>
        {(found) => <Way session={found} endpoint={endpoint ?? found.endpoints[0] ?? null} />}
      </Loaded>
    </Page>
  );
}

interface WayProps {
  readonly session: Session;
  readonly endpoint: Session["endpoints"][number] | null;
}

function Way({ session, endpoint }: WayProps) {
  const { t } = useTranslation();
  const mayEnter = endpoint !== null && mayDo("enter", session);
  const enter = useEnter(session, mayEnter ? endpoint : null);
  if (!mayEnter) return <Notice tone="quiet" title={t("open.notYours")} />;
  if (enter.error !== null) return <ProblemNotice error={enter.error} retry={enter.again} />;
  if (session.phase === "running")
    return (
      <Notice role="status" tone="good" title={t("open.going")}>
        <Anchor component="button" type="button" onClick={enter.again}>
          {t("open.goingAgain")}
        </Anchor>
      </Notice>
    );
  if (!isBeginning(session)) return <NotNow session={session} />;
  return (
    <>
      <Notice role="status" tone="busy" title={t("open.waits")}>
        {t("open.waitsNext")}
      </Notice>
      <Timeline session={session} />
    </>
  );
}

function NotNow({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <Notice tone="quiet" title={t("open.notNow", { phase: t(`phase.${session.phase}`) })}>
      <Link to="/sessions/$id" params={{ id: session.id }}>
        {t("open.why")}
      </Link>
    </Notice>
  );
}
