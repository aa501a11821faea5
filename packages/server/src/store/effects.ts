import type { Effect, SessionId } from "@endstation/core";
import type { Database } from "./database.ts";

/** Something to be done outside, held by this runner until its lease ends. */
export interface ClaimedEffect {
  readonly id: number;
  readonly sessionId: SessionId;
  readonly effect: Effect;
  /** How often it was claimed, this time included: above 1, an earlier try may have come through. */
  readonly tries: number;
}

interface ClaimedRow {
  readonly id: number;
  readonly session_id: string;
  readonly effect: Effect;
  readonly tries: number;
}

const interval = (parameter: string) => `make_interval(secs => ${parameter}::float8 / 1000)`;

/** Takes up to `limit` effects that are due; others pass over them until `leaseMs` from now. */
export async function claimEffects(
  database: Database,
  provider: string,
  holder: string,
  limit: number,
  leaseMs: number,
): Promise<ClaimedEffect[]> {
  const text = `
    UPDATE effects SET holder = $2, tries = tries + 1, due = clock_timestamp() + ${interval("$4")}
    WHERE id IN (
      SELECT id FROM effects WHERE provider = $1 AND due <= clock_timestamp()
      ORDER BY due LIMIT $3::integer FOR UPDATE SKIP LOCKED
    ) RETURNING id, session_id, effect, tries`;
  const rows = await database.query<ClaimedRow>({ name: "effects-claim", text }, [
    provider,
    holder,
    limit,
    leaseMs,
  ]);
  return rows.map(({ session_id: sessionId, ...row }) => ({ sessionId, ...row }));
}

/** Prolongs the leases of what is still being carried out. */
export async function holdEffects(
  database: Database,
  ids: readonly number[],
  holder: string,
  leaseMs: number,
): Promise<void> {
  const text = `UPDATE effects SET due = clock_timestamp() + ${interval("$3")} WHERE id = ANY($1::bigint[]) AND holder = $2`;
  await database.query({ name: "effects-hold", text }, [ids, holder, leaseMs]);
}

/** They were carried out. */
export async function removeEffects(database: Database, ids: readonly number[]): Promise<void> {
  await database.query({ name: "effects-remove", text: "DELETE FROM effects WHERE id = ANY($1::bigint[])" }, [
    ids,
  ]);
}

/** Gives one back, to be tried again in `delayMs`. */
export async function postponeEffect(
  database: Database,
  id: number,
  holder: string,
  delayMs: number,
): Promise<void> {
  const text = `UPDATE effects SET holder = NULL, due = clock_timestamp() + ${interval("$3")} WHERE id = $1 AND holder = $2`;
  await database.query({ name: "effects-postpone", text }, [id, holder, delayMs]);
}

/** Makes due at once what this holder held: at its end, or when it starts anew after it was killed. */
export async function releaseEffects(database: Database, holder: string): Promise<void> {
  const text = "UPDATE effects SET holder = NULL, due = clock_timestamp() WHERE holder = $1";
  await database.query({ name: "effects-release", text }, [holder]);
}
