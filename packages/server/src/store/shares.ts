import type { AuditEntry, SessionId, Share } from "@endstation/core";
import type { Transaction } from "kysely";
import { recordEntry } from "./audit.ts";
import type { Database } from "./database.ts";
import { publishHint } from "./hints.ts";
import type { Schema } from "./schema.ts";

/** Writing and reading who else may enter a session. */
export interface ShareStore {
  shares(id: SessionId): Promise<readonly Share[]>;
  /** Adds a share, or changes the one this account has; by the owner's hand, so that links serve her again. */
  addShare(share: Share, entry: AuditEntry): Promise<void>;
  /** Removes it, and keeps her from coming back by a link. */
  removeShare(sessionId: SessionId, account: string, entry: AuditEntry): Promise<void>;
}

export function createShareStore({ db }: Database): ShareStore {
  return {
    shares: async (id) => {
      const rows = await db
        .selectFrom("shares")
        .selectAll()
        .where("session_id", "=", id)
        .orderBy("at")
        .execute();
      return rows.map(({ session_id: sessionId, ...share }) => ({ sessionId, ...share }));
    },
    addShare: (share, entry) =>
      db.transaction().execute(async (trx) => {
        await forgetRemoval(trx, share);
        await writeShare(trx, share);
        await recordEntry(trx, entry);
      }),
    removeShare: (sessionId, account, entry) =>
      db.transaction().execute(async (trx) => {
        if (!(await dropShare(trx, sessionId, account))) return;
        const removal = { session_id: sessionId, account, at: entry.at };
        await trx
          .insertInto("removals")
          .values(removal)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        await recordEntry(trx, entry);
      }),
  };
}

/** Makes or changes a share, and tells all whom that concerns. */
export async function writeShare(trx: Transaction<Schema>, { sessionId, ...share }: Share): Promise<void> {
  await trx
    .insertInto("shares")
    .values({ session_id: sessionId, ...share })
    .onConflict((conflict) => conflict.columns(["session_id", "account"]).doUpdateSet(share))
    .execute();
  await tellShares(trx, sessionId, [share.account]);
}

/** Whether there was one. */
export async function dropShare(
  trx: Transaction<Schema>,
  sessionId: SessionId,
  account: string,
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("shares")
    .where("session_id", "=", sessionId)
    .where("account", "=", account)
    .executeTakeFirst();
  await tellShares(trx, sessionId, [account]);
  return numDeletedRows > 0n;
}

export async function forgetRemoval(
  trx: Transaction<Schema>,
  { sessionId, account }: Pick<Share, "sessionId" | "account">,
): Promise<void> {
  await trx
    .deleteFrom("removals")
    .where("session_id", "=", sessionId)
    .where("account", "=", account)
    .execute();
}

/** Browsers show it anew, also those of the accounts that may see the session no more; the gateway asks who may stay inside. */
export async function tellShares(
  trx: Transaction<Schema>,
  sessionId: SessionId,
  accounts: readonly string[],
): Promise<void> {
  const session = await trx
    .selectFrom("sessions")
    .select("version")
    .where("id", "=", sessionId)
    .executeTakeFirst();
  await publishHint(trx, { resource: "session", id: sessionId, version: session?.version ?? 0 });
  for (const account of accounts) await publishHint(trx, { resource: "access", id: account, version: 0 });
  await trx
    .selectNoFrom(({ fn, val }) => fn("pg_notify", [val("endstation_routes"), val(sessionId)]).as("told"))
    .execute();
}
