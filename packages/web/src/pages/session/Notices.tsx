import type { Session } from "@endstation/api";
import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatRelative, formatSoon } from "../../i18n/format.ts";
import { Notice } from "../../parts/Notice.tsx";
import { AskToJoin } from "../../parts/sharing/AskToJoin.tsx";
import { useNow } from "../../parts/useNow.ts";
import { isEnded, mayDo } from "../../portal/phases.ts";
import { EndNotice } from "./EndNotice.tsx";

/** What a person should know of a session before anything else. */
export function Notices({ session, extend }: { session: Session; extend: () => void }) {
  return (
    <>
      <EndNotice session={session} />
      <ContactLost session={session} />
      <WaitsForPlace session={session} />
      <ExpiresSoon session={session} extend={extend} />
      <NotMine session={session} />
    </>
  );
}

function ContactLost({ session }: { session: Session }) {
  const { t } = useTranslation();
  const now = useNow(10_000);
  if (session.contactLostSince === null) return null;
  const since = formatRelative(session.contactLostSince, now);
  return (
    <Notice role="status" tone="note" title={t("session.contactLost", { provider: session.provider, since })}>
      {t("session.contactLostNext")}
    </Notice>
  );
}

function WaitsForPlace({ session }: { session: Session }) {
  const { t } = useTranslation();
  if (session.waiting === null || session.phase !== "pending") return null;
  const { reason, estimateSeconds } = session.waiting;
  const title =
    estimateSeconds === null
      ? t("session.waits")
      : t("session.waitsAbout", { count: Math.max(1, Math.round(estimateSeconds / 60)) });
  return (
    <Notice role="status" tone="busy" title={title}>
      {reason}
    </Notice>
  );
}

function ExpiresSoon({ session, extend }: { session: Session; extend: () => void }) {
  const { t } = useTranslation();
  const now = useNow(10_000);
  if (session.warnedAt === null || isEnded(session) || session.phase === "stopping") return null;
  const { expiresAt } = session;
  const button = (
    <Button size="xs" onClick={extend}>
      {t("session.extend")}
    </Button>
  );
  return (
    <Notice
      role="alert"
      tone="busy"
      title={t("session.endsSoon", { when: formatRelative(expiresAt, now), at: formatSoon(expiresAt, now) })}
      actions={mayDo("change", session) ? button : undefined}
    >
      {t("session.endsSoonNext")}
    </Notice>
  );
}

function NotMine({ session }: { session: Session }) {
  const { t } = useTranslation();
  if (session.myAccess === "owner") return null;
  const title = t("session.notMine", { owner: session.owner.name });
  return (
    <Notice role="status" tone="quiet" title={title}>
      <p>{t(`session.as.${session.myAccess}`, { owner: session.owner.name })}</p>
      {session.myAccess === "viewer" && !isEnded(session) && <AskForKeyboard id={session.id} />}
    </Notice>
  );
}

function AskForKeyboard({ id }: { id: string }) {
  const { t } = useTranslation();
  const [asks, setAsks] = useState(false);
  if (asks) return <AskToJoin id={id} roles={["member"]} />;
  return (
    <Button size="xs" variant="default" onClick={() => setAsks(true)}>
      {t("ask.keyboard")}
    </Button>
  );
}
