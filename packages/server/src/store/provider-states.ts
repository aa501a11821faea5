import type { ProviderStates } from "@endstation/core";
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
