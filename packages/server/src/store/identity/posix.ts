import { EndstationError, type PosixAccount } from "@endstation/core";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** The numbers that may be handed out, both ends included; nobody else on the machines may have them. */
export interface PosixRange {
  readonly first: number;
  readonly last: number;
}

export interface PosixAccounts {
  /** Her uid and, as `gid`, the group of the proposal's team; her own group where there is no proposal. */
  posixOf(account: string, proposal: string | null): Promise<PosixAccount>;
  /** The group of a proposal's team. */
  gidOf(proposal: string): Promise<number>;
}

/**
 * Hands out uids and gids from one range, each once and for ever.
 * @throws config-invalid when the range is used up.
 */
export function createPosixAccounts({ db }: Database, range: PosixRange): PosixAccounts {
  const gidOf = async (proposal: string) => {
    const known = await db
      .selectFrom("posix_groups")
      .selectAll()
      .where("proposal", "=", proposal)
      .executeTakeFirst();
    return known?.gid ?? (await newGid(db, range, proposal));
  };
  return {
    gidOf,
    posixOf: async (account, proposal) => {
      const known = await db
        .selectFrom("posix_accounts")
        .selectAll()
        .where("account", "=", account)
        .executeTakeFirst();
      const uid = known?.uid ?? (await newUid(db, range, account));
      return { uid, gid: proposal === null ? uid : await gidOf(proposal), groups: [] };
    },
  };
}

type Db = Database["db"];

function newUid(db: Db, range: PosixRange, account: string): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const next = await nextNumber(trx, range);
    await trx
      .insertInto("posix_accounts")
      .values({ account, uid: next })
      .onConflict((conflict) => conflict.column("account").doNothing())
      .execute();
    const row = await trx
      .selectFrom("posix_accounts")
      .select("uid")
      .where("account", "=", account)
      .executeTakeFirst();
    return row?.uid ?? next;
  });
}

function newGid(db: Db, range: PosixRange, proposal: string): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const next = await nextNumber(trx, range);
    await trx
      .insertInto("posix_groups")
      .values({ proposal, gid: next })
      .onConflict((conflict) => conflict.column("proposal").doNothing())
      .execute();
    const row = await trx
      .selectFrom("posix_groups")
      .select("gid")
      .where("proposal", "=", proposal)
      .executeTakeFirst();
    return row?.gid ?? next;
  });
}

/** Rows are never deleted, so the greatest number that was ever given is still there. The lock ends with the transaction. */
async function nextNumber(trx: Db, { first, last }: PosixRange): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtext('endstation:posix'))`.execute(trx);
  const { rows } = await sql<{ greatest: number | null }>`
    select greatest((select max(uid) from posix_accounts), (select max(gid) from posix_groups)) as greatest
  `.execute(trx);
  const next = Math.max(first, (rows[0]?.greatest ?? 0) + 1);
  if (next > last)
    throw new EndstationError(
      "config-invalid",
      `the range of uids and gids (${first} to ${last}) is used up`,
    );
  return next;
}
