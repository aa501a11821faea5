import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type LaunchSpec, Unavailable } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { chance } from "../runner/testing/chance.ts";
import type { Provider } from "../transports/provider.ts";
import { type Watching, watch } from "./watching.ts";

/** `FAULTS_CUTS=50 FAULTS_SEED=7`: how often a part of the engine is killed, and the chance that it is done by. */
export const cuts: number = Number(process.env["FAULTS_CUTS"] ?? 5);
const seed = Number(process.env["FAULTS_SEED"] ?? Date.now() % 1_000_000);
/** Within which what is told is what the engine has. */
const settlesWithin = 60_000;
/** Within which an engine does what it was asked for: Slurm asks a node that was dead again only after a minute. */
const patience = 180_000;
const deadFor = 1_500;

/** An engine whose parts can be killed. */
export interface MortalEngine {
  readonly name: string;
  readonly provider: Provider;
  /** Its parts, which are killed in turn. */
  readonly parts: readonly string[];
  /** How long a start of a few sessions takes, and their stop, in milliseconds: within it the moment is chosen by chance. */
  readonly window: number;
  /** A few sessions that go on until they are stopped. */
  specs(): Promise<readonly LaunchSpec[]>;
  /** Resolves when it would remember what it has begun. */
  remembers(): Promise<void>;
  kill(part: string): Promise<void>;
  revive(): Promise<void>;
  truthOf(spec: LaunchSpec): Promise<Truth>;
  /** What of ours is alive there, whosever it is. */
  alive(): Promise<readonly string[]>;
}

/** A session as the engine itself and its machine have it, whatever we make of it. */
export interface Truth {
  readonly state: "waiting" | "running" | "ending" | "over";
  /** How many containers, jobs or pods of it have not ended. */
  readonly alive: number;
  /** In how many places its processes run. */
  readonly places: number;
  /** It has ended because the engine itself has lost it. */
  readonly lost: boolean;
}

const phases = ["start", "run", "stop"] as const;
type Phase = (typeof phases)[number];

interface Cut {
  readonly part: string;
  readonly phase: Phase;
  /** Milliseconds into the phase. */
  readonly moment: number;
  /** For how many milliseconds it stays dead. */
  readonly dead: number;
}

/** Kills parts of an engine while sessions start, run and stop: within 60 s what is told is what the engine has; nothing is lost, doubled or left. */
export async function survivesCuts(t: TestContext, engine: MortalEngine): Promise<void> {
  const since = performance.now();
  const watching = watch(engine.provider);
  t.after(() => watching.end());
  let lost = 0;
  for (const [at, cut] of chosen(engine).entries()) {
    const title = `${at + 1} of ${cuts}, seed ${seed}: ${cut.part} dies ${cut.moment} ms into a ${cut.phase}`;
    await t.test(title, async () => {
      lost += await liveThrough(engine, watching, cut);
    });
  }
  assert.deepEqual(await engine.alive(), []);
  const seconds = Math.round((performance.now() - since) / 1000);
  console.log(
    `figure: ${engine.name}-faults cuts=${cuts} seed=${seed} seconds=${seconds} lost-by-the-engine=${lost}`,
  );
}

/** Each part in each phase in turn, beginning anywhere; phases change with every cut. */
function chosen({ parts, window }: MortalEngine): readonly Cut[] {
  const random = chance(seed);
  const turns = parts.flatMap((_, round) =>
    phases.map((phase, at) => ({ phase, part: parts[(at + round) % parts.length] as string })),
  );
  const first = Math.floor(random() * turns.length);
  return Array.from({ length: cuts }, (_, cut) => ({
    ...(turns[(first + cut) % turns.length] as (typeof turns)[number]),
    moment: Math.round(random() * window),
    dead: Math.round(random() * deadFor),
  }));
}

/** The life of a few sessions; answers how many of them the engine has lost. */
async function liveThrough(engine: MortalEngine, watching: Watching, cut: Cut): Promise<number> {
  const { provider } = engine;
  const specs = await engine.specs();
  const all = (work: (spec: LaunchSpec) => Promise<unknown>) => Promise.all(specs.map(work));
  const launch = (spec: LaunchSpec) => persistently(() => provider.launch(spec, never));
  const terminate = ({ sessionId }: LaunchSpec) =>
    persistently(() => provider.terminate({ sessionId, handle: null }, never));
  const works: Readonly<Record<Phase, () => Promise<unknown>>> = {
    start: () => all(launch),
    run: () => sleep(cut.moment),
    stop: () => all(terminate),
  };
  const live = (phase: Phase) =>
    phase === cut.phase ? cutDuring(engine, cut, works[phase]) : works[phase]();

  await live("start");
  const lost = await agrees(engine, watching, specs, "alive");
  if (cut.phase !== "start") await engine.remembers();
  await live("run");
  assert.equal(await agrees(engine, watching, specs, "alive"), lost, "what runs for a while is never lost");
  assert.ok(lost === 0 || cut.phase === "start");
  for (const { sessionId } of specs) watching.mayGo.add(sessionId);
  await live("stop");
  // As the runner does for what is still seen alive.
  await all(terminate);
  await agrees(engine, watching, specs, "over");
  return lost;
}

async function cutDuring(
  engine: MortalEngine,
  { part, moment, dead }: Cut,
  work: () => Promise<unknown>,
): Promise<void> {
  const working = work();
  await sleep(moment);
  await engine.kill(part);
  await sleep(dead);
  await engine.revive();
  await working;
}

/** Asks again, as the runner does, while the engine cannot be asked. */
async function persistently<T>(call: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + 120_000; ; await sleep(200)) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Unavailable) || performance.now() > end) throw error;
    }
  }
}

/** Waits until what is told is what the engine has, and that as expected; answers how many the engine has lost. */
async function agrees(
  engine: MortalEngine,
  watching: Watching,
  specs: readonly LaunchSpec[],
  expected: "alive" | "over",
): Promise<number> {
  const begun = performance.now();
  for (let trueAt = begun; ; await sleep(200)) {
    const truths = await Promise.all(
      specs.map(async (spec) => ({ ...(await engine.truthOf(spec)), sessionId: spec.sessionId })),
    );
    for (const { sessionId, state } of truths)
      assert.ok(state === "over" || !watching.goneUnasked.has(sessionId), `${sessionId} was told to be gone`);
    const told = truths.map((truth) => ({
      ...truth,
      told: watching.states.get(truth.sessionId) ?? "nothing",
    }));
    const now = performance.now();
    if (told.every(isTrue)) trueAt = now;
    if (trueAt === now && truths.every((truth) => isExpected(truth, expected)))
      return truths.filter(({ lost }) => lost).length;
    assert.ok(now < trueAt + settlesWithin, `not the truth: ${JSON.stringify(told)}`);
    assert.ok(now < begun + patience, `not ${expected}: ${JSON.stringify(told)}`);
  }
}

function isTrue({ state, alive, places, told }: Truth & { readonly told: string }): boolean {
  if (state === "over") return alive === 0 && places === 0 && ["gone", "nothing"].includes(told);
  if (state === "ending") return alive === 1 && told === "running";
  if (state === "waiting") return alive === 1 && told === "queued";
  return alive === 1 && places === 1 && told === "running";
}

function isExpected({ state, lost }: Truth, expected: "alive" | "over"): boolean {
  return expected === "over" ? state === "over" : state !== "over" || lost;
}
