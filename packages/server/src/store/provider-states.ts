import type { Instant, ProviderStates } from "@endstation/core";
import { type SqlBool, sql } from "kysely";
import type { Database } from "./database.ts";

export function createProviderStates({ db }: Database): ProviderStates {
  return {
    drains: () => db.selectFrom("drains").select(["provider", "by_account as by", "at"]).execute(),
    drain: async ({ provider, by, at }) => {
      await db
        .insertInto("drains")
        .values({ provider, by_account: by, at })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    resume: async (provider) => {
      await db.deleteFrom("drains").where("provider", "=", provider).execute();
    },
    outages: () => outagesOf(db),
    liveSessions: async () => {
      const rows = await db
        .selectFrom("sessions")
        .select(["provider", sql<number>`count(*)::int`.as("live")])
        .where(sql<SqlBool>`sessions.live`)
        .groupBy("provider")
        .execute();
      return new Map(rows.map(({ provider, live }) => [provider, live]));
    },
  };
}

async function outagesOf(db: Database["db"]): Promise<ReadonlyMap<string, Instant>> {
  const rows = await db.selectFrom("outages").selectAll().execute();
  return new Map(rows.map(({ provider, since }) => [provider, since]));
}

/** Notes that a provider cannot be asked; an outage that goes on keeps its beginning. */
export async function noteOutage({ db }: Database, provider: string, since: Instant): Promise<void> {
  await db
    .insertInto("outages")
    .values({ provider, since })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function endOutage({ db }: Database, provider: string): Promise<void> {
  await db.deleteFrom("outages").where("provider", "=", provider).execute();
}
