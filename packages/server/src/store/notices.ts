import type { NoticeStore, Page, PageRequest, StoredNotice } from "@endstation/core";
import type { Database } from "./database.ts";
import { publishHint } from "./hints.ts";
import { pageOf, positionOf } from "./keyset.ts";
import { sessionOf } from "./session-row.ts";

export function createNoticeStore({ db }: Database): NoticeStore {
  return {
    tell: ({ id, owner }, message, at) =>
      db.transaction().execute(async (trx) => {
        const made = await trx
          .insertInto("notices")
          .values({ account: owner, session_id: id, message, at })
          .onConflict((conflict) => conflict.doNothing())
          .returning("id")
          .executeTakeFirst();
        if (made === undefined) return false;
        await publishHint(trx, { resource: "notice", id: owner, version: made.id });
        return true;
      }),
    isMailed: async ({ id }, message, at) => {
      const found = await db
        .selectFrom("notices")
        .select("mailed")
        .where("session_id", "=", id)
        .where("message", "=", message)
        .where("at", "=", at)
        .executeTakeFirst();
      return found?.mailed === true;
    },
    markMailed: async ({ id }, message, at) => {
      await db
        .updateTable("notices")
        .set({ mailed: true })
        .where("session_id", "=", id)
        .where("message", "=", message)
        .where("at", "=", at)
        .execute();
    },
    list: (account, page) => listPage(db, account, page),
    unread: async (account) => {
      const row = await db
        .selectFrom("notices")
        .select(({ fn }) => fn.countAll<number>().as("unread"))
        .where("account", "=", account)
        .where("read", "=", false)
        .executeTakeFirstOrThrow();
      return Number(row.unread);
    },
    markRead: (account, ids) =>
      db.transaction().execute(async (trx) => {
        const changed = await trx
          .updateTable("notices")
          .set({ read: true })
          .where("account", "=", account)
          .where("read", "=", false)
          .where("id", "in", ids.map(Number))
          .returning("id")
          .execute();
        const last = Math.max(...changed.map(({ id }) => id));
        if (changed.length > 0) await publishHint(trx, { resource: "notice", id: account, version: last });
      }),
    forget: async (before) => {
      await db.deleteFrom("notices").where("at", "<", before).execute();
    },
  };
}

async function listPage(db: Database["db"], account: string, page: PageRequest): Promise<Page<StoredNotice>> {
  const after = positionOf(page.cursor)?.sortAt ?? Number.MAX_SAFE_INTEGER;
  const rows = await db
    .selectFrom("notices")
    .innerJoin("sessions", "sessions.id", "notices.session_id")
    .leftJoin("activity", "activity.session_id", "sessions.id")
    .select(["notices.id as sortAt", "notices.message", "notices.at", "notices.read"])
    .select(["sessions.document", "activity.at as active_at"])
    .where("notices.account", "=", account)
    .where("notices.id", "<", after)
    .orderBy("notices.id", "desc")
    .limit(page.limit + 1)
    .execute();
  const withIds = rows.map((row) => ({ ...row, id: String(row.sortAt) }));
  return pageOf(withIds, page, ({ id, message, at, read, ...stored }) => ({
    ...{ id, message, at, read },
    session: sessionOf(stored),
  }));
}
