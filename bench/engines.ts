import { existsSync } from "node:fs";
import { join } from "node:path";
import { type EngineName, engine } from "../packages/server/src/testing/engines.ts";
import { type Bench, type BenchResult, type Goal, median, rounded } from "./bench.ts";

/** Milliseconds from the order to JupyterLab answering: the engine's own start of it, and a session of ours. */
interface EngineBench {
  bare(): Promise<number>;
  ours(): Promise<number>;
}

const names = ["docker", "slurm", "kubernetes"] as const satisfies readonly EngineName[];

/** What a session may take longer than the engine's own bare start: a tenth of that, or this, whichever is more. */
const allowedMs = 300;

/** What we add to each engine's own start, turn by turn; an engine that is not up is not measured. */
export const enginesBench: Bench = {
  prepare: async () => {
    throw new Error("npm run engine -- all up brings the engines up");
  },
  run: async ({ quick }) => {
    const figures: Record<string, number | null> = {};
    const goals: Record<string, Goal> = {};
    const notes: string[] = [];
    for (const name of names) {
      const measured = await turnsOf(name, quick ? 3 : 7, notes);
      const [bare, ours] = [medianOf(measured.bare), medianOf(measured.ours)];
      const over = bare === null || ours === null ? null : ours - bare;
      figures[`${name}, its own start, median ms`] = rounded0(bare);
      figures[`${name}, a session, median ms`] = rounded0(ours);
      const share = `${name}, of what we may add`;
      figures[share] = over === null ? null : rounded(over / Math.max(allowedMs, (bare ?? 0) / 10), 2);
      goals[share] = { atMost: 1 };
    }
    return { figures, goals, notes } satisfies BenchResult;
  },
};

async function turnsOf(name: EngineName, turns: number, notes: string[]) {
  const measured = { bare: [] as number[], ours: [] as number[] };
  const found = engine(name);
  if ("reason" in found) notes.push(found.reason);
  else {
    const bench = await benchOf(name);
    await bench.bare();
    await bench.ours();
    for (let turn = 0; turn < turns; turn += 1) {
      measured.bare.push(await bench.bare());
      measured.ours.push(await bench.ours());
    }
  }
  return measured;
}

async function benchOf(name: EngineName): Promise<EngineBench> {
  const file = join(import.meta.dirname, "engines", `${name}.ts`);
  if (!existsSync(file)) throw new Error(`there is no bench of ${name}`);
  return (await import(file))[`${name}Engine`] as EngineBench;
}

function medianOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}

function rounded0(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
