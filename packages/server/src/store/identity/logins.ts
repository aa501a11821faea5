import { hour, type Instant, minute, type Principal } from "@endstation/core";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { principalOf } from "./people.ts";
import { hashOf, newId, newSecret } from "./secrets.ts";

/** A log-in begun and not completed. */
export interface PendingLogin {
  readonly kept: Readonly<Record<string, string>>;
  readonly returnTo: string;
}

/** How long a log-in in a browser lasts: after its last use, and at all. */
export interface LoginLimits {
  readonly idleMs: number;
  readonly longestMs: number;
}

export const usualLoginLimits: LoginLimits = { idleMs: 12 * hour, longestMs: 7 * 24 * hour };

const pendingMs = 15 * minute;
const touchEveryMs = minute;

export interface Logins {
  /** Keeps what is needed to complete a log-in, for the browser that knows `browser` and comes back with `state`. */
  keepPending(browser: string, state: string, pending: PendingLogin, now: Instant): Promise<void>;
  /** Gives it once. */
  takePending(browser: string, state: string, now: Instant): Promise<PendingLogin | null>;
  /**
   * A new log-in: its secret is for the cookie, its id may be shown. `replacing` is the secret that the browser had:
   * useless from now on. Where it was the same person's, the id stays, so that her open sessions do.
   */
  openLogin(
    account: string,
    now: Instant,
    replacing?: string | null,
  ): Promise<{ readonly id: string; readonly secret: string }>;
  findLogin(
    secret: string,
    now: Instant,
  ): Promise<{ readonly id: string; readonly principal: Principal } | null>;
  /** Ends it and says so on `endstation_logins` (payload: the account). Null when there was none. */
  closeLogin(secret: string): Promise<string | null>;
}

type Db = Database["db"];

export function createLogins({ db }: Database, limits: LoginLimits = usualLoginLimits): Logins {
  return {
    keepPending: async (browser, state, { kept, returnTo }, now) => {
      await db
        .insertInto("pending_logins")
        .values({
          browser_hash: hashOf(browser),
          state,
          kept: JSON.stringify(kept),
          return_to: returnTo,
          expires_at: now + pendingMs,
        })
        .execute();
    },
    takePending: (browser, state, now) => takePending(db, browser, state, now),
    openLogin: (account, now, replacing = null) =>
      db.transaction().execute((trx) => openLogin(trx, limits, account, now, replacing)),
    findLogin: (secret, now) => findLogin(db, limits, secret, now),
    closeLogin: (secret) => db.transaction().execute((trx) => closeLogin(trx, secret)),
  };
}

async function takePending(
  db: Db,
  browser: string,
  state: string,
  now: Instant,
): Promise<PendingLogin | null> {
  const row = await db
    .deleteFrom("pending_logins")
    .where("browser_hash", "=", hashOf(browser))
    .where("state", "=", state)
    .returning(["kept", "return_to", "expires_at"])
    .executeTakeFirst();
  return row === undefined || row.expires_at <= now ? null : { kept: row.kept, returnTo: row.return_to };
}

async function openLogin(
  trx: Db,
  limits: LoginLimits,
  account: string,
  now: Instant,
  replacing: string | null,
) {
  const secret = newSecret();
  const fresh = {
    secret_hash: hashOf(secret),
    created_at: now,
    last_seen_at: now,
    expires_at: now + limits.longestMs,
  };
  if (replacing !== null) {
    const renewed = await trx
      .updateTable("logins")
      .set(fresh)
      .where("secret_hash", "=", hashOf(replacing))
      .where("account", "=", account)
      .returning("id")
      .executeTakeFirst();
    if (renewed !== undefined) return { id: renewed.id, secret };
    await closeLogin(trx, replacing);
  }
  const id = newId("l-");
  await trx
    .insertInto("logins")
    .values({ ...fresh, id, account })
    .execute();
  return { id, secret };
}

function liveLogins(db: Db, limits: LoginLimits, now: Instant) {
  return db
    .selectFrom("logins")
    .where("logins.expires_at", ">", now)
    .where("logins.last_seen_at", ">", now - limits.idleMs);
}

async function findLogin(db: Db, limits: LoginLimits, secret: string, now: Instant) {
  const row = await liveLogins(db, limits, now)
    .innerJoin("people", "people.account", "logins.account")
    .select(["logins.id", "logins.last_seen_at"])
    .select(["people.account", "people.name", "people.email", "people.roles", "people.declared_roles"])
    .where("logins.secret_hash", "=", hashOf(secret))
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.last_seen_at < now - touchEveryMs)
    await db
      .updateTable("logins")
      .set({ last_seen_at: now })
      .where("id", "=", row.id)
      .where("last_seen_at", "<", now)
      .execute();
  return { id: row.id, principal: principalOf(row, null) };
}

async function closeLogin(trx: Db, secret: string): Promise<string | null> {
  const row = await trx
    .deleteFrom("logins")
    .where("secret_hash", "=", hashOf(secret))
    .returning("account")
    .executeTakeFirst();
  if (row === undefined) return null;
  await announce(trx, row.account);
  return row.account;
}

async function announce(trx: Db, account: string): Promise<void> {
  await sql`select pg_notify('endstation_logins', ${account})`.execute(trx);
}
