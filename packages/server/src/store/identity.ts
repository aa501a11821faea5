import type { Instant } from "@endstation/core";
import type { Database } from "./database.ts";
import { createDevices, type Devices } from "./identity/devices.ts";
import { createLogins, type LoginLimits, type Logins } from "./identity/logins.ts";
import { createPeople, type People } from "./identity/people.ts";
import { createTokens, type Tokens } from "./identity/tokens.ts";

export { createPosixAccounts, type PosixAccounts, type PosixRange } from "./identity/posix.ts";

/** People, their log-ins, access tokens and waiting command lines. Every moment comes in as an argument. */
export interface IdentityStore extends People, Logins, Tokens, Devices {
  /** Deletes what has expired. */
  sweep(now: Instant): Promise<void>;
}

export function createIdentityStore(database: Database, limits?: LoginLimits): IdentityStore {
  return {
    ...createPeople(database),
    ...createLogins(database, limits),
    ...createTokens(database),
    ...createDevices(database),
    sweep: (now) => sweep(database, now),
  };
}

async function sweep({ db }: Database, now: Instant): Promise<void> {
  for (const table of ["pending_logins", "logins", "tokens", "device_logins"] as const)
    await db.deleteFrom(table).where("expires_at", "<=", now).execute();
}
