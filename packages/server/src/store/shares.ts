import type { SessionId, Share } from "@endstation/core";
import type { Transaction } from "kysely";
import type { Database } from "./database.ts";
import { publishHint } from "./hints.ts";
import type { Schema } from "./schema.ts";

/** Writing and reading who else may enter a session. */
export interface ShareStore {
  shares(id: SessionId): Promise<readonly Share[]>;
  /** Adds a share, or changes the one this account has. */
  addShare(share: Share): Promise<void>;
  removeShare(sessionId: SessionId, account: string): Promise<void>;
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
    addShare: ({ sessionId, ...share }) =>
      db.transaction().execute(async (trx) => {
        await closeViewerWay(trx, sessionId, share.account);
        await trx
          .insertInto("shares")
          .values({ session_id: sessionId, ...share })
          .onConflict((conflict) => conflict.columns(["session_id", "account"]).doUpdateSet(share))
          .execute();
        await tell(trx, sessionId);
      }),
    removeShare: (sessionId, account) =>
      db.transaction().execute(async (trx) => {
        await closeViewerWay(trx, sessionId, account);
        await trx
          .deleteFrom("shares")
          .where("session_id", "=", sessionId)
          .where("account", "=", account)
          .execute();
        await tell(trx, sessionId);
      }),
  };
}

async function closeViewerWay(
  trx: Transaction<Schema>,
  sessionId: SessionId,
  account: string,
): Promise<void> {
  await trx
    .deleteFrom("routes")
    .where("session_id", "=", sessionId)
    .where("role", "=", `viewer:${account}`)
    .execute();
}

/** Browsers show the shares; the gateway asks anew who may stay inside. */
async function tell(trx: Transaction<Schema>, sessionId: SessionId): Promise<void> {
  const session = await trx
    .selectFrom("sessions")
    .select("version")
    .where("id", "=", sessionId)
    .executeTakeFirst();
  await publishHint(trx, { resource: "session", id: sessionId, version: session?.version ?? 0 });
  await trx
    .selectNoFrom(({ fn, val }) => fn("pg_notify", [val("endstation_routes"), val(sessionId)]).as("told"))
    .execute();
}
