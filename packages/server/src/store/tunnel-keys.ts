import { type SqlBool, sql } from "kysely";
import type { Attempt, TunnelKeys } from "../transports/tunnel/index.ts";
import type { Database } from "./database.ts";

/** Keys of tunnels, for every portal process alike. Each step is one statement, which waits for others on its row. */
export function createTunnelKeys({ db }: Database): TunnelKeys {
  const isValid = async (of: Attempt, key: Buffer) => {
    const found = db
      .selectFrom("tunnels")
      .select("attempt")
      .where((is) => is.and({ ...rowOf(of), valid: key }));
    return (await found.executeTakeFirst()) !== undefined;
  };
  const makeValid = async (
    of: Attempt,
    from: readonly ("valid" | "offered")[],
    key: Buffer,
    next: Buffer | null,
  ) => {
    const { numUpdatedRows } = await db
      .updateTable("tunnels")
      .set({ valid: key, offered: next })
      .where((is) => is.and([is.and(rowOf(of)), is.or(from.map((column) => is(column, "=", key)))]))
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  };

  return {
    enrol: async (of, first) => {
      await db
        .insertInto("tunnels")
        .values({ ...rowOf(of), valid: first, offered: null })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    exchange: (of, presented, next) => makeValid(of, ["valid", "offered"], presented, next),
    // The last look: another stream may have made it the valid one between the first two.
    accept: async (of, key) =>
      (await isValid(of, key)) || (await makeValid(of, ["offered"], key, null)) || (await isValid(of, key)),
    revoke: async (of) => {
      const revoked = { valid: null, offered: null };
      await db
        .insertInto("tunnels")
        .values({ ...rowOf(of), ...revoked })
        .onConflict((conflict) => conflict.columns(["session_id", "attempt"]).doUpdateSet(revoked))
        .execute();
    },
    revokedAmong: async (attempts) => {
      if (attempts.length === 0) return [];
      const found = await db
        .selectFrom("tunnels")
        .select(["session_id as sessionId", "attempt"])
        .where((is) => is.and([is("valid", "is", null), is.or(attempts.map((of) => is.and(rowOf(of))))]))
        .execute();
      return found;
    },
  };
}

function rowOf({ sessionId, attempt }: Attempt) {
  return { session_id: sessionId, attempt };
}

/** Forgets the keys of sessions that have ended: an attempt that is not known opens nothing. */
export async function forgetTunnelKeys({ db }: Database): Promise<void> {
  await db
    .deleteFrom("tunnels")
    .where("session_id", "in", db.selectFrom("sessions").select("id").where(sql<SqlBool>`NOT sessions.live`))
    .execute();
}
