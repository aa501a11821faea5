import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bench, type BenchResult, median } from "./bench.ts";
import { type Aim, loads, type Measured } from "./gateway/loads.ts";
import { bytesPerIdleSocket } from "./gateway/memory.ts";
import { notMeasured, type Rounds, resultOf, roundKey } from "./gateway/result.ts";
import { type Name, names, type Place, type Subject, startSubject } from "./gateway/subjects.ts";
import { findTools, prepareTools } from "./gateway/tools.ts";
import { startUpstreams } from "./gateway/upstreams.ts";
import { openWay } from "./gateway/ways.ts";

/** Our gateway with its authorisation on, beside other proxies without any, each on one core, turn by turn. */
export const gatewayBench: Bench = {
  prepare: prepareTools,
  run: async ({ quick }) => {
    const tools = findTools();
    if (tools === null) return notMeasured;
    const folder = await mkdtemp(join(tmpdir(), "endstation-bench-"));
    const upstreams = await startUpstreams(tools, folder);
    try {
      return await measureAll({ tools, folder, targets: upstreams.targets }, quick);
    } finally {
      await upstreams.end();
      await rm(folder, { recursive: true });
    }
  },
};

async function measureAll(place: Place, quick: boolean): Promise<BenchResult> {
  const rounds = await measureRounds(place, quick ? { turns: 3, seconds: 1 } : { turns: 5, seconds: 2 });
  const bytes: Partial<Record<Name, number>> = {};
  for (const name of names)
    bytes[name] = await withSubject(name, place, (subject) =>
      bytesPerIdleSocket(subject, quick ? 12_000 : 20_000),
    );
  return resultOf(rounds, bytes);
}

/**
 * All of them run all the time; load goes to one at a time. A turn is short and goes round all of them with one load
 * before the next, so that whatever else the machine does hits all alike.
 */
async function measureRounds(
  place: Place,
  { turns, seconds }: { turns: number; seconds: number },
): Promise<Rounds> {
  const subjects = await Promise.all(names.map((name) => startSubject(name, place)));
  try {
    const aims = new Map<string, Aim>([["direct", directly(place)]]);
    for (const [index, name] of names.entries()) aims.set(name, through(subjects[index] as Subject));
    const measured = new Map<string, Measured[]>();
    for (let turn = 0; turn <= turns; turn += 1)
      for (const load of loads)
        for (const [subject, aim] of aims) {
          const one = await load.measure(aim, place.tools, turn === 0 ? 1 : seconds);
          // The first turn warms up.
          if (turn > 0) add(measured, roundKey(subject, load.name), one);
        }
    return new Map([...measured].map(([key, turns]) => [key, medians(turns)]));
  } finally {
    await Promise.all(subjects.map((subject) => subject.end()));
  }
}

function through({ port, http, sockets, pids }: Subject): Aim {
  return { port, socketsPort: port, http, sockets, pids };
}

function directly({ targets }: Place): Aim {
  const way = openWay(targets.http);
  return { port: targets.http, socketsPort: targets.sockets, http: way, sockets: [way], pids: null };
}

function add(all: Map<string, Measured[]>, key: string, measured: Measured): void {
  all.set(key, [...(all.get(key) ?? []), measured]);
}

function medians(turns: readonly Measured[]): Measured {
  const [first = {}] = turns;
  return Object.fromEntries(
    Object.keys(first).map((figure) => [figure, median(turns.map((turn) => turn[figure] as number))]),
  );
}

async function withSubject<Result>(
  name: Name,
  place: Place,
  work: (subject: Subject) => Promise<Result>,
): Promise<Result> {
  const subject = await startSubject(name, place);
  try {
    return await work(subject);
  } finally {
    await subject.end();
  }
}
