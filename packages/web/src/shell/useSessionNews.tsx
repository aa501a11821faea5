import type { Session } from "@endstation/api";
import { notifications } from "@mantine/notifications";
import { useLocation } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLiveSessions } from "../portal/sessions.ts";

type Phases = ReadonlyMap<string, Session["phase"]>;

/** Tells when a session has become ready or is about to end, once, wherever the person is. Answers the last news in words. */
export function useSessionNews(): string {
  const { t } = useTranslation();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const live = useLiveSessions().data?.items;
  const before = useRef<Phases | null>(null);
  const [news, setNews] = useState("");
  useEffect(() => {
    if (live === undefined) return;
    for (const session of becameReady(live, before.current)) {
      const words = t("session.isReady", { name: session.name });
      setNews(words);
      if (!path.startsWith(`/sessions/${session.id}`)) tell(session, words, t("session.toIt"));
    }
    before.current = new Map(live.map(({ id, phase }) => [id, phase]));
  }, [live, path, t]);
  return news;
}

function becameReady(live: readonly Session[], before: Phases | null): Session[] {
  if (before === null) return [];
  return live.filter(({ id, phase, myAccess, endpoints }) => {
    const was = before.get(id);
    return (
      endpoints.length > 0 &&
      myAccess === "owner" &&
      phase === "running" &&
      (was === "pending" || was === "starting")
    );
  });
}

function tell(session: Session, words: string, link: string): void {
  notifications.show({
    title: words,
    message: <a href={`/sessions/${session.id}`}>{link}</a>,
    color: "petrol",
  });
}
