import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CancelSignal,
  type Clock,
  type ComputeProvider,
  type Seen,
  type Sighting,
  Unavailable,
} from "@endstation/core";
import type { Pool } from "pg";
import { answering, ToyProvider } from "./toy-provider.ts";

/** What runs outside, kept where a killed portal cannot lose it; `made` counts how often it was really begun. */
export const worldTables = `
  CREATE TABLE world (
    session_id text NOT NULL, attempt integer NOT NULL, alive boolean NOT NULL, exit_code integer,
    PRIMARY KEY (session_id, attempt)
  )`;

/** A provider that outlives the portal, takes its time at every step, and now and then fails after it acted. */
export function worldProvider(pool: Pool, clock: Clock, random: () => number): ComputeProvider<Duplex> {
  const dawdle = () => sleep(random() * 30);
  const stumble = () => {
    if (random() < 0.1) throw new Unavailable("the answer was lost");
  };
  return {
    capabilities: new ToyProvider(clock).capabilities,
    offers: async () => ({ fits: true, waitSeconds: 0, free: null }),
    launch: async ({ sessionId, attempt }) => {
      await dawdle();
      await pool.query("INSERT INTO world VALUES ($1, $2, true) ON CONFLICT DO NOTHING", [
        sessionId,
        attempt,
      ]);
      await dawdle();
      stumble();
      return { handle: `w-${sessionId}-${attempt}` };
    },
    terminate: async ({ sessionId, handle }) => {
      await dawdle();
      const meant = "session_id = $1 AND ($2::text IS NULL OR $2 = 'w-' || session_id || '-' || attempt)";
      await pool.query(`UPDATE world SET alive = false WHERE ${meant}`, [sessionId, handle]);
      await dawdle();
      stumble();
    },
    dial: async ({ sessionId }) => {
      await dawdle();
      const { rowCount } = await pool.query("SELECT FROM world WHERE session_id = $1 AND alive", [sessionId]);
      if (rowCount === 0) throw new Unavailable("it does not answer");
      return answering();
    },
    observe: (signal) => observe(pool, clock, random, signal),
  };
}

async function* observe(
  pool: Pool,
  clock: Clock,
  random: () => number,
  signal: CancelSignal,
): AsyncGenerator<Sighting> {
  while (!signal.aborted) {
    const asOf = clock.now();
    const { rows } = await pool.query<{
      session_id: string;
      attempt: number;
      alive: boolean;
      exit_code: number | null;
    }>("SELECT * FROM world WHERE alive OR exit_code IS NOT NULL");
    const seen = rows.map(({ session_id: sessionId, attempt, alive, exit_code: exitCode }): Seen => {
      const observation = alive
        ? ({ state: "running" } as const)
        : ({ state: "gone", exitCode, cause: null } as const);
      return { sessionId, attempt, handle: `w-${sessionId}-${attempt}`, observation };
    });
    yield { type: "all", asOf, seen };
    if (random() < 0.05) throw new Unavailable("the list could not be read");
    await sleep(50 + random() * 50);
  }
}
