import type { AskLimits, JoinRequest, ListedRequest, Notice, Sharing } from "@endstation/core";
import { sql, type Transaction } from "kysely";
import { recordEntry } from "./audit.ts";
import type { Database } from "./database.ts";
import { publishHint } from "./hints.ts";
import type { Schema } from "./schema.ts";
import { forgetRemoval, writeShare } from "./shares.ts";
import type { RequestRow } from "./tables/sharing.ts";

export type RequestStore = Pick<Sharing, "ask" | "letSupportIn" | "request" | "requestsOf" | "closeRequest">;

/** Who asked to be let in, and what became of it. */
export function createRequestStore({ db }: Database): RequestStore {
  return {
    ask: (request, limits, entry) =>
      db.transaction().execute(async (trx) => {
        const refused = await keep(trx, request, limits);
        if (refused !== null) return refused;
        await recordEntry(trx, entry);
        await tellOwner(trx, request, "join-asked");
        return "asked";
      }),
    letSupportIn: (request, share, limits, entry) =>
      db.transaction().execute(async (trx) => {
        const refused = await keep(trx, request, limits);
        if (refused !== null) return refused;
        await forgetRemoval(trx, share);
        await writeShare(trx, share);
        await recordEntry(trx, entry);
        await tellOwner(trx, request, "support-let-in");
        return "asked";
      }),
    request: async (id, now) => {
      const row = await db.selectFrom("join_requests").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? null : requestOf(row, now);
    },
    requestsOf: (account, since, now) => requestsOf(db, account, since, now),
    closeRequest: (request, state, share, entry) =>
      db.transaction().execute(async (trx) => {
        const closed = await trx
          .updateTable("join_requests")
          .set({ state, answered_at: entry.at })
          .where("id", "=", request.id)
          .where("state", "=", "open")
          .executeTakeFirst();
        if (closed.numUpdatedRows === 0n) return false;
        if (share !== null) {
          await forgetRemoval(trx, share);
          await writeShare(trx, share);
        }
        await recordEntry(trx, entry);
        await tellBoth(trx, request);
        return true;
      }),
  };
}

/** Whoever asks waits for herself, so that she cannot pass the limits by asking twice at once. */
async function keep(
  trx: Transaction<Schema>,
  { sessionId, answeredAt, ...request }: JoinRequest,
  limits: AskLimits,
): Promise<"already" | "too-many" | null> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${request.account}, 42))`.execute(trx);
  await trx
    .updateTable("join_requests")
    .set({ state: "expired" })
    .where("account", "=", request.account)
    .where("state", "=", "open")
    .where("until", "<=", request.at)
    .execute();
  const asked = await trx
    .selectFrom("join_requests")
    .select(["session_id", "state", "at"])
    .where("account", "=", request.account)
    .where((where) => where.or([where("at", ">", limits.since), where("state", "=", "open")]))
    .execute();
  const ofSession = asked.filter(({ session_id }) => session_id === sessionId);
  if (ofSession.some(({ state }) => state === "open")) return "already";
  const lately = asked.filter(({ at }) => at > limits.since);
  const latelyOfSession = ofSession.filter(({ at }) => at > limits.since);
  if (lately.length >= limits.inAll || latelyOfSession.length >= limits.perSession) return "too-many";
  const row = { ...request, session_id: sessionId, answered_at: answeredAt };
  await trx.insertInto("join_requests").values(row).execute();
  return null;
}

async function requestsOf(
  db: Database["db"],
  account: string,
  since: number,
  now: number,
): Promise<ListedRequest[]> {
  const rows = await db
    .selectFrom("join_requests")
    .innerJoin("sessions", "sessions.id", "join_requests.session_id")
    .selectAll("join_requests")
    .select(["sessions.owner", sql<string>`sessions.document ->> 'name'`.as("name")])
    .where((where) =>
      where.or([
        where.and([
          where("sessions.owner", "=", account),
          where("join_requests.state", "=", "open"),
          where("join_requests.until", ">", now),
        ]),
        where.and([where("join_requests.account", "=", account), where("join_requests.at", ">", since)]),
      ]),
    )
    .orderBy("join_requests.at", "desc")
    .limit(200)
    .execute();
  return rows.map(({ owner, name, ...row }) => ({ ...requestOf(row, now), session: { name, owner } }));
}

/** By an effect, so that it is told and mailed even if this process ends now. */
async function tellOwner(trx: Transaction<Schema>, request: JoinRequest, message: Notice): Promise<void> {
  const { sessionId, at } = request;
  const { provider } = await trx
    .selectFrom("sessions")
    .select("provider")
    .where("id", "=", sessionId)
    .executeTakeFirstOrThrow();
  const effect = JSON.stringify({ type: "notify", message, at });
  await sql`WITH effect AS (
    INSERT INTO effects (session_id, provider, effect) VALUES (${sessionId}, ${provider}, ${effect}::jsonb) RETURNING 1
  ) SELECT pg_notify('endstation_effects', '') FROM effect`.execute(trx);
  await tellBoth(trx, request);
}

async function tellBoth(trx: Transaction<Schema>, { sessionId, account }: JoinRequest): Promise<void> {
  const { owner } = await trx
    .selectFrom("sessions")
    .select("owner")
    .where("id", "=", sessionId)
    .executeTakeFirstOrThrow();
  for (const id of [owner, account]) await publishHint(trx, { resource: "access", id, version: 0 });
}

function requestOf(row: RequestRow, now: number): JoinRequest {
  const { session_id: sessionId, answered_at: answeredAt, ...rest } = row;
  const state = row.state === "open" && row.until <= now ? "expired" : row.state;
  return { ...rest, sessionId, answeredAt, state };
}
