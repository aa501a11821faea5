import type { Present, SessionId } from "@endstation/core";
import type { Database } from "./database.ts";

/** Who is inside now: a row for each visit, under a lease that the process which serves it prolongs. */
export interface PresenceStore {
  /** These visits have somebody behind them; forgets those whose lease is over. Browsers are told where that is new. */
  touch(digests: readonly Buffer[]): Promise<void>;
  /** These have nobody behind them any more. */
  leave(digests: readonly Buffer[]): Promise<void>;
  present(sessionId: SessionId): Promise<readonly Present[]>;
}

const leaseSeconds = 15;

const told = `, hint AS (
    INSERT INTO hints (resource, subject, version) SELECT DISTINCT 'presence', session_id, 0 FROM changed RETURNING 1
  ) SELECT count(pg_notify('endstation_hints', '')) FROM hint`;

const touchStatement = {
  name: "presence-touch",
  text: `WITH here AS (
    INSERT INTO presences (digest, session_id, account, since, until)
    SELECT digest, session_id, account, entered_at, clock_timestamp() + make_interval(secs => ${leaseSeconds})
    FROM visits JOIN origins USING (label) WHERE digest = ANY($1::bytea[])
    ON CONFLICT (digest) DO UPDATE SET until = excluded.until
    RETURNING session_id, xmax = 0 AS is_new
  ), gone AS (
    DELETE FROM presences WHERE until < clock_timestamp() AND NOT digest = ANY($1::bytea[]) RETURNING session_id
  ), changed AS (
    SELECT session_id FROM here WHERE is_new UNION SELECT session_id FROM gone
  )${told}`,
};

const leaveStatement = {
  name: "presence-leave",
  text: `WITH changed AS (
    DELETE FROM presences WHERE digest = ANY($1::bytea[]) RETURNING session_id
  )${told}`,
};

/** Several windows of one person are one person; her role is the one that she has now. */
const presentStatement = {
  name: "presence-list",
  text: `SELECT presences.account, min(since) AS since,
      CASE WHEN presences.account = owner THEN 'owner' ELSE shares."as" END AS role
    FROM presences JOIN sessions ON id = session_id LEFT JOIN shares USING (session_id, account)
    WHERE session_id = $1 AND presences.until > clock_timestamp()
      AND (presences.account = owner OR shares."as" IS NOT NULL)
    GROUP BY presences.account, owner, shares."as" ORDER BY since, account`,
};

export function createPresenceStore(database: Database): PresenceStore {
  return {
    touch: async (digests) => void (await database.query(touchStatement, [digests])),
    leave: async (digests) => void (await database.query(leaveStatement, [digests])),
    present: (sessionId) => database.query<Present>(presentStatement, [sessionId]),
  };
}
