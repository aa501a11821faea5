import type { Page, PageRequest, Session, SessionFilter } from "@endstation/core";
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely";
import type { Database } from "./database.ts";
import { type Position, pageOf, positionOf } from "./keyset.ts";
import type { Schema } from "./schema.ts";
import { type StoredSession, sessionOf } from "./session-row.ts";

type Row = StoredSession & Position;

/** Newest first. Each branch ends after a page by an index, however many sessions there are. */
export async function listPage(
  database: Database,
  filter: SessionFilter,
  page: PageRequest,
): Promise<Page<Session>> {
  const after = positionOf(page.cursor);
  const rows = await branches(database, filter, after, page.limit + 1);
  return pageOf(rows, page, sessionOf);
}

async function branches(
  { db }: Database,
  filter: SessionFilter,
  after: Position | null,
  limit: number,
): Promise<Row[]> {
  const { visibleTo } = filter;
  const some = () => newest(db, filter, after, limit);
  if (visibleTo === undefined) return some().execute();
  const own = some().where("sessions.owner", "=", visibleTo);
  const shared = some()
    .innerJoin("shares", "shares.session_id", "sessions.id")
    .where("shares.account", "=", visibleTo)
    .where("sessions.owner", "<>", visibleTo);
  const both = db
    .selectFrom(own.as("own"))
    .selectAll()
    .unionAll(db.selectFrom(shared.as("shared")).selectAll());
  return db
    .selectFrom(both.as("both"))
    .selectAll()
    .orderBy("sortAt", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

function newest(db: Database["db"], filter: SessionFilter, after: Position | null, limit: number) {
  return db
    .selectFrom("sessions")
    .leftJoin("activity", "activity.session_id", "sessions.id")
    .select([
      "sessions.document",
      "activity.at as active_at",
      "sessions.created_at as sortAt",
      "sessions.id as id",
    ])
    .where((where) => where.and(conditions(where, filter, after)))
    .orderBy("sessions.created_at", "desc")
    .orderBy("sessions.id", "desc")
    .limit(limit);
}

function conditions(
  where: ExpressionBuilder<Pick<Schema, "sessions">, "sessions">,
  { proposal, phase, array }: SessionFilter,
  after: Position | null,
): Expression<SqlBool>[] {
  return [
    ...(proposal === undefined ? [] : [where("sessions.proposal", "=", proposal)]),
    ...(array === undefined ? [] : [where("sessions.array_id", "=", array)]),
    ...(phase === undefined
      ? []
      : [phase === "live" ? sql<SqlBool>`sessions.live` : sql<SqlBool>`NOT sessions.live`]),
    ...(after === null
      ? []
      : [sql<SqlBool>`(sessions.created_at, sessions.id) < (${after.sortAt}, ${after.id})`]),
  ];
}
