import { apiBench } from "./api.ts";
import { type Bench, type BenchResult, type Goal, reached } from "./bench.ts";
import { dataBench } from "./data.ts";
import { enginesBench } from "./engines.ts";
import { firstPageBench } from "./first-page.ts";
import { gatewayBench } from "./gateway.ts";
import { startBench } from "./start.ts";

/** `npm run bench -- NAME [--quick] [--prepare]`: a table for people, and as the last line JSON for scripts. */
const benches: Readonly<Record<string, Bench>> = {
  start: startBench,
  api: apiBench,
  data: dataBench,
  engines: enginesBench,
  gateway: gatewayBench,
  "first-page": firstPageBench,
};

const [name = "", ...options] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined || options.some((option) => option !== "--quick" && option !== "--prepare")) {
  console.error(`Usage: npm run bench -- ${Object.keys(benches).join("|")} [--quick] [--prepare]`);
  process.exit(2);
}
if (options.includes("--prepare")) await bench.prepare();
else report(name, await bench.run({ quick: options.includes("--quick") }));

function report(name: string, { figures, goals, notes }: BenchResult): void {
  const width = Math.max(...Object.keys(figures).map((figure) => figure.length));
  for (const [figure, value] of Object.entries(figures))
    console.log(
      `${figure.padEnd(width)}  ${value === null ? "not measured" : value}${ofGoal(goals[figure])}`,
    );
  for (const note of notes) console.log(note);
  const outcomes = Object.entries(goals).map(([figure, goal]) => outcomeOf(figures[figure] ?? null, goal));
  const failed = outcomes.filter((outcome) => outcome === false).length;
  const skipped = outcomes.filter((outcome) => outcome === null).length;
  console.log(`${outcomes.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`);
  const holds = failed > 0 ? false : skipped > 0 ? null : true;
  console.log(JSON.stringify({ bench: name, figures, goals, holds }));
  process.exitCode = holds === false ? 1 : 0;
}

function ofGoal(goal: Goal | undefined): string {
  if (goal === undefined) return "";
  return "atMost" in goal ? `   (goal: at most ${goal.atMost})` : `   (goal: at least ${goal.atLeast})`;
}

function outcomeOf(value: number | null, goal: Goal): boolean | null {
  return value === null ? null : reached(value, goal);
}
