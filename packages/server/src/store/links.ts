import { hasRoom, type LinkUse, type ShareLink, type Sharing } from "@endstation/core";
import type { Transaction } from "kysely";
import { recordEntry } from "./audit.ts";
import type { Database } from "./database.ts";
import type { Schema } from "./schema.ts";
import { dropShare, tellShares, writeShare } from "./shares.ts";
import type { LinkRow } from "./tables/sharing.ts";

export type LinkStore = Pick<Sharing, "links" | "linkBy" | "addLink" | "revokeLink" | "takeLink">;

/** Links, by which whoever holds the secret is let in. */
export function createLinkStore({ db }: Database): LinkStore {
  return {
    links: async (sessionId) => {
      const rows = await db
        .selectFrom("links")
        .selectAll()
        .where("session_id", "=", sessionId)
        .orderBy("at", "desc")
        .execute();
      return Promise.all(rows.map(async (row) => linkOf(row, await usesOf(db, row.id))));
    },
    linkBy: async (digest) => {
      const row = await db
        .selectFrom("links")
        .selectAll()
        .where("digest", "=", Buffer.from(digest, "hex"))
        .executeTakeFirst();
      return row === undefined ? null : linkOf(row, await usesOf(db, row.id));
    },
    addLink: ({ sessionId, mostUses, revokedAt, uses: _, ...link }, digest, entry) =>
      db.transaction().execute(async (trx) => {
        const own = { session_id: sessionId, most_uses: mostUses, revoked_at: revokedAt };
        await trx
          .insertInto("links")
          .values({ ...link, ...own, digest: Buffer.from(digest, "hex") })
          .execute();
        await recordEntry(trx, entry);
        await tellShares(trx, sessionId, []);
      }),
    revokeLink: ({ id, sessionId }, andShares, entry) =>
      db.transaction().execute(async (trx) => {
        const revoked = await trx
          .updateTable("links")
          .set({ revoked_at: entry.at })
          .where("id", "=", id)
          .where("revoked_at", "is", null)
          .executeTakeFirst();
        if (revoked.numUpdatedRows === 0n) return false;
        for (const account of andShares ? await cameBy(trx, id) : [])
          if (await dropShare(trx, sessionId, account))
            await recordEntry(trx, { ...entry, action: "unshared", whom: account });
        await recordEntry(trx, entry);
        await tellShares(trx, sessionId, []);
        return true;
      }),
    takeLink: ({ id }, share, entry) =>
      db.transaction().execute(async (trx) => {
        const refused = await refusal(trx, id, share.sessionId, share.account);
        if (refused !== null) return refused;
        const use = { link: id, account: share.account, at: share.at };
        await trx.insertInto("link_uses").values(use).execute();
        await writeShare(trx, share);
        await recordEntry(trx, entry);
        return "taken";
      }),
  };
}

/** Uses of one link wait for each other, so that they cannot pass its count together. */
async function refusal(trx: Transaction<Schema>, link: string, sessionId: string, account: string) {
  const row = await trx
    .selectFrom("links")
    .selectAll()
    .where("id", "=", link)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const uses = await usesOf(trx, link);
  const removed = await trx
    .selectFrom("removals")
    .select("account")
    .where("session_id", "=", sessionId)
    .where("account", "=", account)
    .executeTakeFirst();
  if (removed !== undefined || uses.some((use) => use.account === account)) return "removed";
  return row.revoked_at === null && hasRoom(linkOf(row, uses)) ? null : "no-more";
}

function usesOf(db: Database["db"], link: string): Promise<LinkUse[]> {
  return db
    .selectFrom("link_uses")
    .select(["account", "at"])
    .where("link", "=", link)
    .orderBy("at")
    .execute();
}

async function cameBy(trx: Transaction<Schema>, link: string): Promise<string[]> {
  const rows = await trx.selectFrom("shares").select("account").where("link", "=", link).execute();
  return rows.map(({ account }) => account);
}

function linkOf(row: LinkRow, uses: readonly LinkUse[]): ShareLink {
  const { session_id: sessionId, most_uses: mostUses, revoked_at: revokedAt, digest: _, ...rest } = row;
  return { ...rest, sessionId, mostUses, revokedAt, uses };
}
