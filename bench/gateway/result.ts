import { type BenchResult, type Goal, reached, rounded } from "../bench.ts";
import type { Measured } from "./loads.ts";
import { heldSockets } from "./memory.ts";
import { type Name, names } from "./subjects.ts";

/** The medians over all turns, by {@link roundKey}. */
export type Rounds = ReadonlyMap<string, Measured>;

export function roundKey(subject: string, load: string): string {
  return `${subject}: ${load}`;
}

const ours: Name = "Endstation";
const old: Name = "configurable-http-proxy";

const idleSockets = `bytes of each of ${heldSockets} idle WebSockets`;
const perCpu = "per CPU-second";
const ratios = {
  rate: `requests/s at 50 connections, of ${old}`,
  ratePerCpu: `requests ${perCpu} at 50 connections, of ${old}`,
  nginx: "requests/s at 50 connections, of nginx",
  nginxPerCpu: `requests ${perCpu} at 50 connections, of nginx`,
  p99: `p99 at 50 connections, of ${old}`,
  memory: `memory of an idle WebSocket, of ${old}`,
  workers: `requests ${perCpu} lost with two workers, share`,
} as const;

const goals: Readonly<Record<string, Goal>> = {
  [ratios.rate]: { atLeast: 2.8 },
  [ratios.ratePerCpu]: { atLeast: 2.8 },
  [ratios.nginx]: { atLeast: 0.4 },
  [ratios.nginxPerCpu]: { atLeast: 0.4 },
  [ratios.p99]: { atMost: 0.5 },
  [ratios.memory]: { atMost: 0.9 },
  [ratios.workers]: { atMost: 0.1 },
};

/** What is beyond the goals; told, not demanded. */
const conquests: Readonly<Record<string, Goal>> = {
  [ratios.rate]: { atLeast: 3.5 },
  [ratios.nginx]: { atLeast: 0.5 },
  [ratios.p99]: { atMost: 0.4 },
  [`${ours}: ${idleSockets}`]: { atMost: 10_000 },
};

export const notMeasured: BenchResult = {
  figures: Object.fromEntries(Object.values(ratios).map((name) => [name, null])),
  goals,
  notes: ["nothing was measured: `npm run bench -- gateway --prepare` fetches what is compared"],
};

const units: Readonly<Record<string, string>> = {
  rate: "per second",
  perCpu,
  p50: "p50 ms",
  p99: "p99 ms",
};

export function resultOf(rounds: Rounds, bytes: Partial<Record<Name, number>>): BenchResult {
  const figures: Record<string, number | null> = {};
  for (const [key, measured] of rounds)
    for (const [figure, value] of Object.entries(measured))
      figures[`${key}, ${units[figure]}`] = rounded(value, value < 100 ? 3 : 0);
  for (const name of names) figures[`${name}: ${idleSockets}`] = wholeOf(bytes[name]);
  const at50 = (subject: string) => rounds.get(roundKey(subject, "50 connections")) ?? {};
  const ratio = (figure: string, peer: Name) =>
    quotient(at50(ours)[figure] as number, at50(peer)[figure] as number);
  Object.assign(figures, {
    [ratios.rate]: ratio("rate", old),
    [ratios.ratePerCpu]: ratio("perCpu", old),
    [ratios.nginx]: ratio("rate", "nginx"),
    [ratios.nginxPerCpu]: ratio("perCpu", "nginx"),
    [ratios.p99]: ratio("p99", old),
    [ratios.memory]: quotient(bytes[ours], bytes[old]),
    [ratios.workers]: null,
  });
  return {
    figures,
    goals,
    notes: [
      ...Object.entries(conquests).map(([name, goal]) => conquest(name, goal, figures[name] ?? null)),
      "each proxy on one core, the load and what answers behind it on the other; medians over all turns",
      "nginx: proxy_buffering off, proxy_request_buffering off; only Endstation asks who may enter",
      "two workers: not measured",
    ],
  };
}

function conquest(name: string, goal: Goal, value: number | null): string {
  const [word, bound] = "atMost" in goal ? ["at most", goal.atMost] : ["at least", goal.atLeast];
  return `${name}: to conquer, ${word} ${bound}: ${value !== null && reached(value, goal) ? "yes" : "no"}`;
}

function quotient(one: number | undefined, other: number | undefined): number | null {
  return one === undefined || other === undefined ? null : rounded(one / other, 2);
}

function wholeOf(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}
