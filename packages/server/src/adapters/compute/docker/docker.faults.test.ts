import { test } from "node:test";
import type { LaunchSpec } from "@endstation/core";
import { cuts, type MortalEngine, survivesCuts, type Truth } from "../../../testing/cuts.ts";
import { engine } from "../../../testing/engines.ts";
import { placesOf } from "../../../testing/places.ts";
import { label, ownerOf } from "./names.ts";
import { createDockerSubject, type DockerSubject, nexusOf } from "./subject.testing.ts";

const found = engine("docker");
const skip = "reason" in found ? found.reason : false;

test(`R22 dockerd and containerd are killed ${cuts} times while sessions start, run and stop: the truth is told, none is lost, doubled or left`, {
  skip,
}, async (t) => {
  if ("reason" in found) return;
  const subject = await createDockerSubject(found.settings, { source: { image: nexusOf(found.settings) } });
  t.after(() => subject.close());
  await survivesCuts(t, mortal(subject));
});

/** containerd dies with its dockerd, and without it is started again by it. */
function mortal(subject: DockerSubject): MortalEngine {
  const { provider, operator } = subject;
  return {
    name: "docker",
    provider,
    parts: ["dockerd", "containerd"],
    window: 900,
    specs: () => Promise.all(Array.from({ length: 3 }, () => subject.spec())),
    remembers: async () => {},
    kill: (part) => operator.script("kill", part),
    revive: () => operator.script("revive"),
    truthOf: (spec) => truthOf(subject, spec),
    alive: async () =>
      (await containersOf(subject))
        .filter(({ State }) => State !== "exited")
        .map(({ Names }) => String(Names)),
  };
}

async function truthOf(subject: DockerSubject, { sessionId }: LaunchSpec): Promise<Truth> {
  const all = (await containersOf(subject)).filter(({ Names }) => Names[0]?.includes(sessionId));
  const alive = all.filter(({ State }) => State !== "exited");
  const state = alive.length === 0 ? "over" : alive[0]?.State === "running" ? "running" : "waiting";
  const lost = all.some(({ Status }) => foundDead.test(Status));
  return { state, alive: alive.length, places: placesOf(sessionId), lost };
}

/** What the engine says of a container that it found dead when it came back. */
const foundDead = /\(255\)/;

interface Listed {
  readonly Names: readonly string[];
  readonly State: string;
  /** Such as `Exited (255) 2 minutes ago`. */
  readonly Status: string;
}

async function containersOf({ operator, stateFolder }: DockerSubject): Promise<readonly Listed[]> {
  const filters = JSON.stringify({ label: [`${label.owner}=${ownerOf(stateFolder)}`] });
  const path = `/containers/json?all=1&filters=${encodeURIComponent(filters)}`;
  return (await operator.call("GET", path)) as Listed[];
}
