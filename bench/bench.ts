import { homedir } from "node:os";
import { join } from "node:path";

/** Where what is built and fetched lies. */
export const softwareFolder =
  process.env["ENDSTATION_SOFTWARE"] ??
  join(
    process.getuid?.() === 0 ? "/var/lib/endstation" : join(homedir(), ".local/state/endstation"),
    "software",
  );

/** What a figure should be. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

export function reached(value: number, goal: Goal): boolean {
  return "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;
}

export interface BenchResult {
  /** By name with its unit; null: not measured. */
  readonly figures: Readonly<Record<string, number | null>>;
  readonly goals: Readonly<Record<string, Goal>>;
  /** What was skipped and why, and what the figures were measured on. */
  readonly notes: readonly string[];
}

export interface Bench {
  /** Fetches what `run` compares with. */
  prepare(): Promise<void>;
  run(options: { readonly quick: boolean }): Promise<BenchResult>;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a share `q` of them lie, by nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

export function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

/** Asks until it is answered with 200; the seconds that took. Fails after `limitSeconds`. */
export async function secondsUntilOk(
  ask: () => Promise<Response>,
  since: number,
  limitSeconds = 60,
): Promise<number> {
  for (;;) {
    const answer = await ask().catch(() => null);
    await answer?.arrayBuffer();
    const seconds = (performance.now() - since) / 1000;
    if (answer?.status === 200) return seconds;
    if (seconds > limitSeconds) throw new Error(`no answer after ${limitSeconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
