import type { Session, SessionId } from "@endstation/core";
import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Database } from "./database.ts";
import { sessionOf } from "./session-row.ts";

/** All live sessions of a provider, in portions, so that a full list of thousands blocks nobody. */
export async function* liveSessions(
  { db }: Database,
  provider: string,
  only: RawBuilder<SqlBool> = sql<SqlBool>`true`,
  portion = 500,
): AsyncGenerator<readonly Session[]> {
  let after = "";
  for (;;) {
    const rows = await db
      .selectFrom("sessions")
      .leftJoin("activity", "activity.session_id", "sessions.id")
      .select(["sessions.id", "sessions.document", "activity.at as active_at"])
      .where(sql<SqlBool>`sessions.live`)
      .where("sessions.provider", "=", provider)
      .where("sessions.id", ">", after)
      .where(only)
      .orderBy("sessions.id")
      .limit(portion)
      .execute();
    if (rows.length > 0) yield rows.map(sessionOf);
    if (rows.length < portion) return;
    after = rows.at(-1)?.id ?? after;
  }
}

/** Of these, the live ones that are not yet (or are) marked as out of contact. */
export const inContact = sql<SqlBool>`sessions.document ->> 'contactLostSince' IS NULL`;
export const outOfContact = sql<SqlBool>`sessions.document ->> 'contactLostSince' IS NOT NULL`;

/** Launched sessions of a provider whose endpoints have not all answered yet. */
export async function awaitedSessions(database: Database, provider: string): Promise<readonly SessionId[]> {
  const text = "SELECT session_id AS id FROM awaited_answers WHERE provider = $1";
  const rows = await database.query<{ id: string }>({ name: "sessions-awaited", text }, [provider]);
  return rows.map((row) => row.id);
}

/** Providers that have live sessions. */
export async function providersInUse({ db }: Database): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("sessions")
    .select("provider")
    .distinct()
    .where(sql<SqlBool>`sessions.live`)
    .execute();
  return rows.map((row) => row.provider);
}
