import type { Instant } from "@endstation/core";
import type { Database, Statement } from "./database.ts";
import { freshLabel } from "./session-changes.ts";

/** Who may enter through an origin, and by which log-in or access token: with that, the right to be inside ends. */
export interface TicketHolder {
  /** The origin's label: it stands for session, role and endpoint. */
  readonly label: string;
  readonly account: string;
  readonly login: string | null;
  readonly token: string | null;
}

/** Tickets: kept as digests, taken once. */
export interface TicketStore {
  keep(digest: Buffer, holder: TicketHolder, expiresAt: Instant, now: Instant): Promise<void>;
  /** Takes it away; null when it was never made, is used, expired, or of another origin. */
  take(digest: Buffer, label: string, now: Instant): Promise<TicketHolder | null>;
  /** The label of a session's origin; null when it has none of this kind (yet). */
  labelOf(sessionId: string, role: string, endpoint: string): Promise<string | null>;
  /** Gives a viewer an origin of her own where the session's own way is open and she has none yet. */
  addViewerOrigin(sessionId: string, role: string, endpoint: string): Promise<void>;
}

/**
 * $1 label · $2 role · $3 session · $4 endpoint. A viewer's way needs no row among `routes`: it is open while the session's
 * own is. It is told, so that all processes know the label.
 */
const addViewerOrigin: Statement = {
  name: "origin-add-viewer",
  text: `WITH added AS (
      INSERT INTO origins (label, session_id, role, endpoint)
      SELECT $1, session_id, $2, endpoint FROM routes
      WHERE session_id = $3 AND role = 'session' AND endpoint = $4
      ON CONFLICT (session_id, role, endpoint) DO NOTHING RETURNING session_id
    ) SELECT pg_notify('endstation_routes', session_id) FROM added`,
};

/** Whoever takes a ticket enters: that is recorded with it. $1 digest · $2 label · $3 now. */
const takeStatement = {
  name: "ticket-take",
  text: `WITH taken AS (
    DELETE FROM tickets WHERE digest = $1 AND label = $2 AND expires_at > $3
    RETURNING label, account, login, token
  ), entered AS (
    INSERT INTO audit (session_id, at, action, account, role, way)
    SELECT origins.session_id, $3, 'entered', taken.account,
      CASE WHEN taken.account = sessions.owner THEN 'owner' ELSE shares."as" END,
      CASE WHEN taken.token IS NULL THEN 'log-in' ELSE 'access token' END
    FROM taken JOIN origins USING (label) JOIN sessions ON sessions.id = origins.session_id
      LEFT JOIN shares ON shares.session_id = sessions.id AND shares.account = taken.account
  ) SELECT label, account, login, token FROM taken`,
};

export function createTicketStore(database: Database): TicketStore {
  const { db, query } = database;
  return {
    keep: async (digest, { label, account, login, token }, expiresAt, now) => {
      await db.deleteFrom("tickets").where("expires_at", "<=", now).execute();
      await db
        .insertInto("tickets")
        .values({ digest, label, account, login, token, expires_at: expiresAt })
        .execute();
    },
    take: async (digest, label, now) => {
      const [taken] = await database.query<TicketHolder>(takeStatement, [digest, label, now]);
      return taken ?? null;
    },
    labelOf: async (sessionId, role, endpoint) => {
      const found = await db
        .selectFrom("origins")
        .select("label")
        .where("session_id", "=", sessionId)
        .where("role", "=", role)
        .where("endpoint", "=", endpoint)
        .executeTakeFirst();
      return found?.label ?? null;
    },
    addViewerOrigin: async (sessionId, role, endpoint) => {
      await query(addViewerOrigin, [freshLabel(), role, sessionId, endpoint]);
    },
  };
}
