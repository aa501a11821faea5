import type { notice as noticeSchema } from "@endstation/api";
import { authorizeScope, demand, type NoticeStore, type StoredNotice } from "@endstation/core";
import type { z } from "zod";
import { type Handlers, wireInstant } from "./handlers.ts";
import { wireCause } from "./sessions.ts";

type Wire = z.input<typeof noticeSchema>;

/** What a person was told of her sessions. */
export function noticeHandlers(notices: NoticeStore): Pick<Handlers, "listNotices" | "readNotices"> {
  return {
    listNotices: async ({ principal, query }) => {
      demand(authorizeScope(principal, "read"));
      const page = { limit: query.limit, cursor: query.cursor ?? null };
      const { items, next } = await notices.list(principal.account, page);
      return { items: items.map(wireNotice), next, unread: await notices.unread(principal.account) };
    },
    readNotices: async ({ principal, body }) => {
      demand(authorizeScope(principal, "sessions"));
      await notices.markRead(principal.account, body.ids);
    },
  };
}

function wireNotice({ id, message, at, read, session }: StoredNotice): Wire {
  const { name, phase, reason, expiresAt } = session;
  return {
    id,
    message: message as Wire["message"],
    at: wireInstant(at),
    read,
    session: {
      id: session.id,
      name,
      phase,
      reason,
      cause: wireCause(session),
      expiresAt: wireInstant(expiresAt),
    },
  };
}
