import { EndstationError, type Instant, minute, type Scope, second } from "@endstation/core";
import type { Database } from "../database.ts";
import { hashOf, newSecret, newUserCode, tidyUserCode } from "./secrets.ts";
import { insertToken } from "./tokens.ts";

/** What a command line asks for. */
export interface DeviceRequest {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly lifetimeMs: number;
}

export type DevicePolled =
  | { readonly state: "waiting" | "refused" | "expired" }
  | { readonly state: "approved"; readonly account: string; readonly token: string };

export interface Devices {
  /** @throws too-many-requests when very many wait already. */
  beginDevice(
    request: DeviceRequest,
    now: Instant,
  ): Promise<{ readonly deviceCode: string; readonly userCode: string }>;
  /** Whether it was approved; the token is given to one poll only. @throws too-many-requests when polled too fast. */
  pollDevice(deviceCode: string, now: Instant): Promise<DevicePolled>;
  /** False when no command line waits with this code. */
  approveDevice(userCode: string, account: string, approve: boolean, now: Instant): Promise<boolean>;
}

/** How long a command line waits for its approval. */
export const deviceWaitMs = 10 * minute;
/** How often it may ask; a little less than it is told, so that a punctual client is never refused. */
const pollNoFasterMs = second;
const mostWaiting = 1000;

export function createDevices({ db }: Database): Devices {
  return {
    beginDevice: (request, now) => begin(db, request, now),
    pollDevice: (deviceCode, now) => db.transaction().execute((trx) => poll(trx, deviceCode, now)),
    approveDevice: async (userCode, account, approve, now) => {
      const done = await db
        .updateTable("device_logins")
        .set({ state: approve ? "approved" : "refused", account })
        .where("user_code", "=", tidyUserCode(userCode))
        .where("state", "=", "waiting")
        .where("expires_at", ">", now)
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },
  };
}

type Db = Database["db"];

async function begin(db: Db, { name, scopes, lifetimeMs }: DeviceRequest, now: Instant) {
  await db.deleteFrom("device_logins").where("expires_at", "<=", now).execute();
  const { waiting } = await db
    .selectFrom("device_logins")
    .select((row) => row.fn.countAll().as("waiting"))
    .executeTakeFirstOrThrow();
  if (Number(waiting) >= mostWaiting)
    throw new EndstationError("too-many-requests", "too many command lines wait for an approval");
  const deviceCode = newSecret();
  const row = {
    device_hash: hashOf(deviceCode),
    name,
    scopes: [...new Set(scopes)],
    lifetime_ms: lifetimeMs,
    state: "waiting" as const,
    account: null,
    last_polled_at: null,
    expires_at: now + deviceWaitMs,
  };
  for (;;) {
    const userCode = newUserCode();
    const made = await db
      .insertInto("device_logins")
      .values({ ...row, user_code: userCode })
      .onConflict((conflict) => conflict.column("user_code").doNothing())
      .executeTakeFirst();
    if (made.numInsertedOrUpdatedRows === 1n) return { deviceCode, userCode };
  }
}

async function poll(trx: Db, deviceCode: string, now: Instant): Promise<DevicePolled> {
  const row = await trx
    .selectFrom("device_logins")
    .selectAll()
    .where("device_hash", "=", hashOf(deviceCode))
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined || row.expires_at <= now) return { state: "expired" };
  if (row.last_polled_at !== null && now - row.last_polled_at < pollNoFasterMs)
    throw new EndstationError("too-many-requests", "asked again too soon");
  const found = trx.updateTable("device_logins").where("device_hash", "=", row.device_hash);
  if (row.state === "waiting") {
    await found.set({ last_polled_at: now }).execute();
    return { state: "waiting" };
  }
  await trx.deleteFrom("device_logins").where("device_hash", "=", row.device_hash).execute();
  if (row.state === "refused" || row.account === null) return { state: "refused" };
  const { account, name, scopes, lifetime_ms: lifetimeMs } = row;
  const { secret } = await insertToken(trx, { account, name, scopes, lifetimeMs }, now);
  return { state: "approved", account, token: secret };
}
