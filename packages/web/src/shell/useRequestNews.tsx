import type { JoinRequest } from "@endstation/api";
import { notifications } from "@mantine/notifications";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../portal/me.ts";
import { useRequests } from "../portal/sharing.ts";

/** Tells once what the owner answered to a request of hers, wherever she is. Answers the last news in words. */
export function useRequestNews(): string {
  const { t } = useTranslation();
  const account = useMe().data?.account;
  const requests = useRequests().data?.items;
  const wereOpen = useRef<ReadonlySet<string>>(new Set());
  const [news, setNews] = useState("");
  useEffect(() => {
    if (requests === undefined) return;
    const mine = requests.filter((request) => request.account === account);
    for (const request of mine) {
      if (!wereOpen.current.has(request.id) || !isAnswered(request)) continue;
      const words = t(`ask.answer.${request.state}`, { session: request.session.name });
      setNews(words);
      const link = <a href={`/sessions/${request.session.id}`}>{t("session.toIt")}</a>;
      notifications.show({ title: words, message: link, color: "petrol" });
    }
    wereOpen.current = new Set(mine.filter(({ state }) => state === "open").map(({ id }) => id));
  }, [requests, account, t]);
  return news;
}

function isAnswered(request: JoinRequest): request is JoinRequest & { state: "accepted" | "declined" } {
  return request.state === "accepted" || request.state === "declined";
}
