import { setTimeout as sleep } from "node:timers/promises";
import { type LaunchSpec, type Seen, Unavailable } from "@endstation/core";
import { type EngineUnderTest, never } from "@endstation/core/testing";
import type { Provider } from "../../packages/server/src/transports/provider.ts";

/** Many small sessions on an engine. */
export interface Crowd {
  readonly provider: Provider;
  /** A program that sleeps, in the smallest place in which it does. */
  spec(): Promise<LaunchSpec>;
  /** Brings so many more up: each is listed as one of ours that has not ended. */
  add(count: number): Promise<void>;
  /** Counts what the engine is asked for. */
  readonly engine: EngineUnderTest;
  /** Ends all and takes everything away. */
  close(): Promise<void>;
}

export const napping = { script: "import time\ntime.sleep(3600)\n", arguments: [] };
const atOnce = 16;
/** Sessions that start are looked at one by one for so many seconds. */
const settled = 8;
/** So many times a start is asked for. */
const patience = 100;

/** Calls to the engine in a minute, while it is observed, at each number of sessions. */
export async function callsPerMinute(
  crowd: Crowd,
  counts: readonly number[],
  seconds: number,
): Promise<readonly number[]> {
  const calls: number[] = [];
  let there = 0;
  for (const count of counts) {
    await crowd.add(count - there);
    there = count;
    calls.push(await whileObserved(crowd, count, seconds));
  }
  return calls;
}

async function whileObserved(crowd: Crowd, count: number, seconds: number): Promise<number> {
  const stop = new AbortController();
  const first = Promise.withResolvers<number>();
  const observing = (async () => {
    for await (const sighting of crowd.provider.observe(stop.signal))
      if (sighting.type === "all") first.resolve(aliveIn(sighting.seen));
  })();
  observing.catch(first.reject);
  const seen = await first.promise;
  if (seen < count) throw new Error(`of ${count} sessions ${seen} are listed`);
  await sleep(settled * 1000);
  const before = await callsOf(crowd);
  await sleep(seconds * 1000);
  const made = (await callsOf(crowd)) - before;
  stop.abort();
  await observing;
  return (made * 60) / seconds;
}

function callsOf({ engine }: Crowd): Promise<number> {
  if (engine.calls === undefined) throw new Error("nobody counts the calls to this engine");
  return engine.calls();
}

/** Started all at once: how long each took to be accepted (milliseconds), and how many of them the engine then does not have. */
export async function startsAtOnce(crowd: Crowd, count: number) {
  const specs = await Promise.all(Array.from({ length: count }, () => crowd.spec()));
  const accepted = await Promise.all(
    specs.map(async (spec) => {
      const since = performance.now();
      await persistently(() => crowd.provider.launch(spec, never));
      return performance.now() - since;
    }),
  );
  const listed = new Set((await listOf(crowd.provider)).map(({ sessionId }) => sessionId));
  return { accepted, lost: specs.filter(({ sessionId }) => !listed.has(sessionId)).length };
}

/** As the portal does: what cannot be done now is asked for again. */
async function persistently(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof Unavailable) || tries === patience) throw error;
      await sleep(1_000);
    }
  }
}

/** Launches so many, a few at a time. */
export async function launchMany(
  { provider, spec }: Pick<Crowd, "provider" | "spec">,
  count: number,
): Promise<void> {
  await inTurns(count, async () => void (await provider.launch(await spec(), never)));
}

/** Does something so many times, a few at a time. */
export async function inTurns(count: number, work: (turn: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function aliveIn(seen: readonly Seen[]): number {
  return seen.filter(({ observation }) => observation.state !== "gone").length;
}

async function listOf(provider: Provider): Promise<readonly Seen[]> {
  for await (const sighting of provider.observe(never)) if (sighting.type === "all") return sighting.seen;
  throw new Error("observe ended without a list");
}
