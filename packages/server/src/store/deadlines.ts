import type { Instant, SessionId } from "@endstation/core";
import type { Database } from "./database.ts";

/** Takes sessions that are due to be looked at; nobody else looks at them before `claimedUntil`. */
export async function claimLooks(
  database: Database,
  now: Instant,
  claimedUntil: Instant,
  limit: number,
): Promise<readonly SessionId[]> {
  const text = `
    UPDATE deadlines SET look_at = $2::bigint WHERE session_id IN (
      SELECT session_id FROM deadlines WHERE look_at <= $1::bigint
      ORDER BY look_at LIMIT $3::integer FOR UPDATE SKIP LOCKED
    ) RETURNING session_id`;
  const rows = await database.query<{ session_id: string }>({ name: "looks-claim", text }, [
    now,
    claimedUntil,
    limit,
  ]);
  return rows.map((row) => row.session_id);
}

/** When each is to be looked at next, unless it changed since it was claimed. */
export async function setLooks(
  database: Database,
  claimedUntil: Instant,
  looks: ReadonlyMap<SessionId, Instant>,
): Promise<void> {
  const text = `
    UPDATE deadlines SET look_at = next.at FROM unnest($2::text[], $3::bigint[]) AS next (id, at)
    WHERE session_id = next.id AND look_at = $1::bigint`;
  await database.query({ name: "looks-set", text }, [claimedUntil, [...looks.keys()], [...looks.values()]]);
}

/** Has every live session looked at anew: the limits may be others than before. */
export async function resetLooks(database: Database): Promise<void> {
  await database.query(
    { name: "looks-reset", text: "UPDATE deadlines SET look_at = 0 WHERE look_at <> 0" },
    [],
  );
}
