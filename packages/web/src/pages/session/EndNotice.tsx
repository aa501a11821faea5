import type { Session } from "@endstation/api";
import { useTranslation } from "react-i18next";
import { Notice } from "../../parts/Notice.tsx";
import { CodeLine } from "../../parts/ProblemNotice.tsx";
import { reasonText, stageName } from "../../parts/session/names.ts";
import { failedStage } from "../../parts/session/timeline.ts";

/** Why it ended or is being ended: for a failure the stage, the cause and the next step. */
export function EndNotice({ session }: { session: Session }) {
  const { t } = useTranslation();
  if (session.phase === "stopping")
    return (
      <Notice role="status" tone="busy" title={t("session.isStopping")}>
        {reasonText(t, session.reason)}
      </Notice>
    );
  if (session.phase === "stopped")
    return (
      <Notice role="status" tone="quiet" title={t("session.hasEnded")}>
        <p>{reasonText(t, session.reason)}</p>
        {session.cause !== null && <p>{session.cause.detail}</p>}
        <p>{t("session.filesKept", { path: session.resultsPath })}</p>
      </Notice>
    );
  return session.phase === "failed" ? <Failed session={session} /> : null;
}

function Failed({ session }: { session: Session }) {
  const { t } = useTranslation();
  const stage = failedStage(session);
  const where = stage === null ? "" : stageName(t, stage, session.endpoints[0] ?? null);
  return (
    <Notice role="alert" tone="bad" title={t("session.failedAt", { stage: where })}>
      {session.cause === null ? (
        <p>{reasonText(t, session.reason)}</p>
      ) : (
        <>
          <p>
            <strong>{session.cause.title}.</strong> {session.cause.detail}
          </p>
          <p>{session.cause.next}</p>
          <CodeLine code={session.cause.code} id={session.id} />
        </>
      )}
    </Notice>
  );
}
