import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type LaunchSpec, type Sighting, Unavailable } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { engine } from "../../../testing/engines.ts";
import type { Provider } from "../../../transports/provider.ts";
import { placesOf } from "./engine.testing.ts";
import { label, ownerOf } from "./names.ts";
import { createDockerSubject, type DockerSubject, nexusOf } from "./subject.testing.ts";

/** `FAULTS_CUTS=50`: how often the engine is killed. */
const cuts = Number(process.env["FAULTS_CUTS"] ?? 5);
const together = 3;
const found = engine("docker");
const skip = "reason" in found ? found.reason : false;
const phases = ["start", "run", "stop"] as const;

test(`R22 an engine killed ${cuts} times while sessions start, run and stop: none is lost, doubled or declared gone`, {
  skip,
}, async (t) => {
  if ("reason" in found) return;
  const subject = await createDockerSubject(found.settings, { source: { image: nexusOf(found.settings) } });
  t.after(() => subject.close());
  const watching = watch(subject.provider);
  t.after(() => watching.end());
  for (let cut = 0; cut < cuts; cut += 1) {
    const phase = phases[cut % phases.length] as (typeof phases)[number];
    const moment = Math.round(Math.random() * 900);
    await t.test(`cut ${cut + 1}: ${moment} ms into a ${phase}`, () =>
      liveThrough(subject, watching, phase, moment),
    );
  }
  const left = (await containersOf(subject)).map(({ Names, State, Status }) => ({ Names, State, Status }));
  assert.deepEqual([left.length, left.filter(({ State }) => State !== "exited")], [cuts * together, []]);
  const lost = left.filter(({ Status }) => Status.includes("(255)")).map(({ Names }) => String(Names));
  t.diagnostic(`${lost.length} of ${left.length} were lost by the engine itself`);
  const isFalse = (id: string) => !lost.some((name) => name.includes(id));
  assert.deepEqual([...watching.goneUnasked].filter(isFalse), []);
});

/** The life of a few sessions, with the engine killed so many milliseconds into one part of it. */
async function liveThrough(
  subject: DockerSubject,
  watching: Watching,
  phase: (typeof phases)[number],
  moment: number,
): Promise<void> {
  const { provider } = subject;
  const specs = await Promise.all(Array.from({ length: together }, () => subject.spec()));
  const start = () => Promise.all(specs.map((spec) => persistently(() => provider.launch(spec, never))));
  const stop = () => Promise.all(specs.map((spec) => terminate(provider, spec)));
  const part = (name: typeof phase, work: () => Promise<unknown>) =>
    name === phase ? cutDuring(subject, moment, work) : work();

  await part("start", start);
  await agrees(subject, watching, specs, "running");
  await part("run", () => sleep(moment));
  await agrees(subject, watching, specs, "running");
  for (const { sessionId } of specs) watching.mayGo.add(sessionId);
  await part("stop", stop);
  // As the runner does for what is still seen alive.
  await stop();
  await agrees(subject, watching, specs, "exited");
}

async function cutDuring(
  { operator }: DockerSubject,
  moment: number,
  work: () => Promise<unknown>,
): Promise<void> {
  const working = work();
  await sleep(moment);
  await operator.script("kill", "dockerd");
  await operator.script("revive");
  await working;
}

/** Asks again, as the runner does, while the engine cannot be asked. */
async function persistently<T>(call: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 60_000; ; await sleep(200)) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Unavailable) || Date.now() > end) throw error;
    }
  }
}

function terminate(provider: Provider, { sessionId }: LaunchSpec): Promise<void> {
  return persistently(() => provider.terminate({ sessionId, handle: null }, never));
}

/**
 * Within 60 s whoever watches knows what the engine has: one container each, running, ended, or ended because the engine
 * itself found it dead when it came back; and nothing runs that it knows nothing of.
 */
async function agrees(
  subject: DockerSubject,
  watching: Watching,
  specs: readonly LaunchSpec[],
  expected: "running" | "exited",
): Promise<void> {
  let states: object[] = [];
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    const truth = await containersOf(subject);
    const wrong = specs.map(({ sessionId }) => {
      const containers = truth.filter(({ Names }) => Names[0]?.includes(sessionId));
      const is = containers.map(({ State }) => State).join();
      const isLost = /\(255\)/.test(containers[0]?.Status ?? "");
      const watched = watching.states.get(sessionId) ?? "nothing";
      const places = placesOf(sessionId);
      const holds =
        is === "running" ? watched === "running" && places === 1 : watched === "gone" && places === 0;
      return holds && (is === expected || (is === "exited" && isLost))
        ? null
        : { sessionId, is, watched, places };
    });
    states = wrong.filter((one) => one !== null);
    if (states.length === 0) return;
  }
  assert.fail(`not ${expected} within 60 s: ${JSON.stringify(states)}`);
}

interface Listed {
  readonly Names: readonly string[];
  readonly State: string;
  /** Such as `Exited (255) 2 minutes ago`. */
  readonly Status: string;
}

/** As the engine has them, whatever we make of it. */
async function containersOf({ operator, stateFolder }: DockerSubject): Promise<readonly Listed[]> {
  const filters = JSON.stringify({ label: [`${label.owner}=${ownerOf(stateFolder)}`] });
  const path = `/containers/json?all=1&filters=${encodeURIComponent(filters)}`;
  return (await operator.call("GET", path)) as Listed[];
}

interface Watching {
  /** What was last told of each session. */
  readonly states: ReadonlyMap<string, string>;
  /** Sessions that were asked to end. */
  readonly mayGo: Set<string>;
  /** Sessions that were told to be gone, or missing, and were not asked to end. */
  readonly goneUnasked: ReadonlySet<string>;
  end(): Promise<void>;
}

/** Observes as the runner does: through every outage, and asks anew. */
function watch(provider: Provider): Watching {
  const states = new Map<string, string>();
  const mayGo = new Set<string>();
  const goneUnasked = new Set<string>();
  const stop = new AbortController();
  const tell = (sessionId: string, state: string) => {
    const wasThere = states.get(sessionId) === "running";
    if (wasThere && state !== "running" && !mayGo.has(sessionId)) goneUnasked.add(sessionId);
    states.set(sessionId, state);
  };
  const hear = (sighting: Sighting) => {
    if (sighting.type === "change") return tell(sighting.seen.sessionId, sighting.seen.observation.state);
    const seen = new Map(sighting.seen.map((one) => [one.sessionId, one.observation.state]));
    for (const id of new Set([...states.keys(), ...seen.keys()])) tell(id, seen.get(id) ?? "nothing");
  };
  const ended = (async () => {
    while (!stop.signal.aborted) {
      try {
        for await (const sighting of provider.observe(stop.signal)) hear(sighting);
      } catch (error) {
        assert.ok(error instanceof Unavailable, String(error));
      }
      await sleep(200);
    }
  })();
  return {
    states,
    mayGo,
    goneUnasked,
    end: () => {
      stop.abort();
      return ended;
    },
  };
}
