import { join } from "node:path";
import { type EngineName, engine } from "../packages/server/src/testing/engines.ts";
import { type Bench, type BenchResult, median, quantile, rounded } from "./bench.ts";
import { type Crowd, callsPerMinute, startsAtOnce } from "./engines/crowd.ts";

/** Milliseconds from the order to JupyterLab answering: the engine's own start of it, and a session of ours. */
interface EngineBench {
  bare(): Promise<number>;
  ours(): Promise<number>;
  crowd(): Promise<Crowd>;
}

const names = ["docker", "slurm", "kubernetes"] as const satisfies readonly EngineName[];

/** What a session may take longer than the engine's own bare start: a tenth of that, or this, whichever is more. */
const allowedMs = 300;
/** By how many calls a minute may differ from another: a list more or less falls into it. */
const allowedCalls = 2;

interface Sizes {
  readonly turns: number;
  /** Numbers of sessions at which calls are counted. */
  readonly sessions: readonly number[];
  readonly seconds: number;
  readonly atOnce: number;
}

const whole: Sizes = { turns: 7, sessions: [1, 100, 1_000], seconds: 60, atOnce: 100 };
const quickly: Sizes = { turns: 3, sessions: [1, 20], seconds: 20, atOnce: 10 };

/**
 * What we add to each engine's own start, turn by turn; what we ask of it while nothing happens; and many starts at once.
 * An engine that is not up is not measured.
 */
export const enginesBench: Bench = {
  prepare: async () => {
    throw new Error("npm run engine -- all up brings the engines up");
  },
  run: async ({ quick }) => {
    const results = [];
    for (const name of names) results.push(await measured(name, quick ? quickly : whole));
    return {
      figures: Object.assign({}, ...results.map(({ figures }) => figures)),
      goals: Object.assign({}, ...results.map(({ goals }) => goals)),
      notes: results.flatMap(({ notes }) => notes),
    };
  },
};

async function measured(name: EngineName, sizes: Sizes): Promise<BenchResult> {
  const found = engine(name);
  const bench = "reason" in found ? null : await benchOf(name);
  const starts = await startsOf(name, bench, sizes);
  const calls = await callsOf(name, bench, sizes);
  const many = await manyOf(name, bench, sizes);
  return {
    figures: { ...starts.figures, ...calls.figures, ...many.figures },
    goals: { ...starts.goals, ...calls.goals, ...many.goals },
    notes: "reason" in found ? [found.reason] : [],
  };
}

type Part = Pick<BenchResult, "figures" | "goals">;

async function startsOf(name: EngineName, bench: EngineBench | null, { turns }: Sizes): Promise<Part> {
  const { bare, ours } = bench === null ? { bare: null, ours: null } : await medians(bench, turns);
  const over = bare === null || ours === null ? null : ours - bare;
  const share = `${name}, of what we may add`;
  return {
    figures: {
      [`${name}, its own start, median ms`]: rounded0(bare),
      [`${name}, a session, median ms`]: rounded0(ours),
      [share]: over === null ? null : rounded(over / Math.max(allowedMs, (bare ?? 0) / 10), 2),
    },
    goals: { [share]: { atMost: 1 } },
  };
}

async function medians(bench: EngineBench, turns: number) {
  const measured = { bare: [] as number[], ours: [] as number[] };
  await bench.bare();
  await bench.ours();
  for (let turn = 0; turn < turns; turn += 1) {
    measured.bare.push(await bench.bare());
    measured.ours.push(await bench.ours());
  }
  return { bare: median(measured.bare), ours: median(measured.ours) };
}

async function callsOf(
  name: EngineName,
  bench: EngineBench | null,
  { sessions, seconds }: Sizes,
): Promise<Part> {
  const calls = await inCrowd(bench, (crowd) => callsPerMinute(crowd, sessions, seconds));
  const more = `${name}, calls a minute more with ${sessions.at(-1)} sessions than with ${sessions[0]}`;
  const figures = sessions.map((count, at) => [
    `${name}, calls a minute with ${count} sessions`,
    rounded0(calls?.[at] ?? null),
  ]);
  const beyond = calls === null ? null : (calls.at(-1) ?? 0) - (calls[0] ?? 0);
  return {
    figures: { ...Object.fromEntries(figures), [more]: rounded0(beyond) },
    goals: { [more]: { atMost: allowedCalls } },
  };
}

async function manyOf(name: EngineName, bench: EngineBench | null, { atOnce }: Sizes): Promise<Part> {
  const starts = await inCrowd(bench, (crowd) => startsAtOnce(crowd, atOnce));
  const of = (share: number) => rounded0(starts === null ? null : quantile(starts.accepted, share));
  const lost = `${name}, of ${atOnce} starts at once, lost`;
  return {
    figures: {
      [`${name}, of ${atOnce} starts at once, accepted after, median ms`]: of(0.5),
      [`${name}, of ${atOnce} starts at once, accepted after, last ms`]: of(1),
      [lost]: starts?.lost ?? null,
    },
    goals: { [lost]: { atMost: 0 } },
  };
}

async function inCrowd<T>(
  bench: EngineBench | null,
  measure: (crowd: Crowd) => Promise<T>,
): Promise<T | null> {
  if (bench === null) return null;
  const crowd = await bench.crowd();
  try {
    return await measure(crowd);
  } finally {
    await crowd.close();
  }
}

async function benchOf(name: EngineName): Promise<EngineBench> {
  const file = join(import.meta.dirname, "engines", `${name}.ts`);
  return (await import(file))[`${name}Engine`] as EngineBench;
}

function rounded0(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
