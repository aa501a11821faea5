import type { Statement } from "./database.ts";

/*
 * One statement is one transaction: a change of a session is written whole or not at all, in one round trip.
 * Every part reads from `changed`, which is empty when the change may not be made.
 */

/** What becomes of the ways in: as they were, opened under labels of their own, or closed. */
export type Ways = "kept" | "opened" | "closed";

/** What is to be expected of a session next. `nothing`: it has ended. */
export type Expected = "deadline" | "answers" | "nothing";

const changed = `changed AS (
    UPDATE sessions SET document = $2::jsonb WHERE id = $1 AND version = $7::integer
    RETURNING id, version, provider, phase, document ->> 'handle' AS handle
  ), entry AS (
    INSERT INTO session_log (session_id, sequence, at, phase, event)
    SELECT id, version, $3::bigint, phase, $4::jsonb FROM changed
  ), effect AS (
    INSERT INTO effects (session_id, provider, effect)
    SELECT id, provider, value FROM changed, jsonb_array_elements($5::jsonb)
  ), hint AS (
    INSERT INTO hints (resource, subject, version) SELECT 'session', id, version FROM changed
  )`;

const deadline = `, dated AS (
    INSERT INTO deadlines (session_id, look_at) SELECT id, $6::bigint FROM changed
    ON CONFLICT (session_id) DO UPDATE SET look_at = excluded.look_at WHERE deadlines.look_at <> excluded.look_at
  )`;

/** Names $6 although it needs it not: PostgreSQL wants to know the type of every parameter. */
const noDeadline = `, undated AS (
    DELETE FROM deadlines WHERE $6::bigint IS NOT NULL AND session_id IN (SELECT id FROM changed)
  )`;

const awaited = `, awaited AS (
    INSERT INTO awaited_answers (session_id, provider) SELECT id, provider FROM changed
    ON CONFLICT (session_id) DO NOTHING
  )`;

const notAwaited = `, answered AS (
    DELETE FROM awaited_answers WHERE session_id IN (SELECT id FROM changed)
  )`;

/** Recorded once, where it is recorded who was let in: whatever is noted of an ended session afterwards. */
const ended = `, ended AS (
    INSERT INTO audit (session_id, at, action, account, reason)
    SELECT id, $3::bigint, 'ended', coalesce($4::jsonb ->> 'by', (
      SELECT event ->> 'by' FROM session_log WHERE session_id = id AND event ->> 'type' = 'stop-requested'
      ORDER BY sequence DESC LIMIT 1
    )), $2::jsonb ->> 'reason' FROM changed
    ON CONFLICT (session_id) WHERE action = 'ended' DO NOTHING
  )`;

const expectations: Readonly<Record<Expected, string>> = {
  deadline: deadline + notAwaited,
  answers: deadline + awaited,
  nothing: noDeadline + notAwaited + ended,
};

const opened = `, origin AS (
    INSERT INTO origins (label, session_id, role, endpoint)
    SELECT label, id, 'session', endpoint FROM changed, unnest($8::text[], $9::text[]) AS way (endpoint, label)
    ON CONFLICT (session_id, role, endpoint) DO UPDATE SET role = excluded.role
    RETURNING label, session_id, role, endpoint
  ), opened AS (
    INSERT INTO routes (session_id, role, endpoint, label, provider, handle)
    SELECT session_id, role, endpoint, label, provider, handle FROM origin, changed
    ON CONFLICT (session_id, role, endpoint) DO NOTHING
  )`;

const closed = `, closed AS (
    DELETE FROM routes WHERE session_id IN (SELECT id FROM changed) RETURNING session_id
  )`;

const waysOf: Readonly<Record<Ways, string>> = { kept: "", opened, closed };

/**
 * $1 id · $2 document · $3 at · $4 event · $5 effects · $6 when to look at it next · $7 version it must have ·
 * only where ways open: $8 endpoints, $9 labels for those that have none yet.
 * A way that closes is told within the transaction: the gateway cuts what goes through it.
 */
export function saveStatement(ways: Ways, expected: Expected): Statement {
  const cut =
    ways === "closed"
      ? ", (SELECT count(pg_notify('endstation_routes', session_id)) FROM closed) AS cut"
      : "";
  return {
    name: `session-save-${ways}-${expected}`,
    text: `WITH ${changed}${expectations[expected]}${waysOf[ways]} SELECT (SELECT count(*) FROM changed) AS saved${cut}`,
  };
}

/** $1 sessions · $2 at · $3 limit · $4 key · $5 digest · $6 script. */
export const createStatement: Statement = {
  name: "session-create",
  text: "SELECT made, running, known_digest, known_session FROM create_sessions($1, $2, $3, $4, $5, $6)",
};

const stored =
  "SELECT document, activity.at AS active_at FROM sessions LEFT JOIN activity ON session_id = id";

/** $1 id. */
export const getStatement: Statement = { name: "session-get", text: `${stored} WHERE id = $1` };

/** $1 id: of a session, or of the first of its array. */
export const scriptStatement: Statement = {
  name: "session-script",
  text: "SELECT text FROM scripts WHERE session_id = $1",
};

/** $1 ids. */
export const getManyStatement: Statement = {
  name: "session-get-many",
  text: `${stored} WHERE id = ANY($1::text[])`,
};
