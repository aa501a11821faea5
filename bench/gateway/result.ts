import { type BenchResult, type Goal, rounded } from "../bench.ts";
import type { Measured } from "./loads.ts";
import { heldSockets } from "./memory.ts";
import { type Name, names } from "./subjects.ts";

/** By subject, then by load: the medians over all turns. */
export type Rounds = ReadonlyMap<string, ReadonlyMap<string, Measured>>;

const ours: Name = "Endstation";
const old: Name = "configurable-http-proxy";

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
  for (const [subject, byLoad] of rounds)
    for (const [load, measured] of byLoad)
      for (const [figure, value] of Object.entries(measured))
        figures[`${subject}: ${load}, ${units[figure]}`] = rounded(value, value < 100 ? 3 : 0);
  for (const name of names)
    figures[`${name}: bytes of each of ${heldSockets} idle WebSockets`] = wholeOf(bytes[name]);
  const at50 = (subject: string) => rounds.get(subject)?.get("50 connections") ?? {};
  const ratio = (figure: string, peer: Name) =>
    quotient(at50(ours)[figure] as number, at50(peer)[figure] as number);
  return {
    figures: {
      ...figures,
      [ratios.rate]: ratio("rate", old),
      [ratios.ratePerCpu]: ratio("perCpu", old),
      [ratios.nginx]: ratio("rate", "nginx"),
      [ratios.nginxPerCpu]: ratio("perCpu", "nginx"),
      [ratios.p99]: ratio("p99", old),
      [ratios.memory]: quotient(bytes[ours], bytes[old]),
      [ratios.workers]: null,
    },
    goals,
    notes: [
      "each proxy on one core, the load and what answers behind it on the other; medians over all turns",
      "nginx: proxy_buffering off, proxy_request_buffering off; only Endstation asks who may enter",
      "two workers: not measured",
    ],
  };
}

function quotient(one: number | undefined, other: number | undefined): number | null {
  return one === undefined || other === undefined ? null : rounded(one / other, 2);
}

function wholeOf(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}
