import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Session } from "@endstation/api";
import { createClient } from "@endstation/api";
import { logIn } from "./support/person.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";

/** How many sessions are started and stopped; `npm run test:faults` takes 100. */
const rounds = Number(process.env["FAULTS_ROUNDS"] ?? 10);
const seed = Number(process.env["FAULTS_SEED"] ?? Date.now() % 1_000_000);
const abreast = 3;
const patience = 180_000;

/** The same moments again for the same seed (mulberry32). */
function chance(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Asks until the portal is there to answer: while it is dead nobody does. */
async function insist<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
  for (const until = performance.now() + patience; ; ) {
    try {
      return await ask();
    } catch (error) {
      const isTransient =
        !(error instanceof Error && error.name === "ProblemError") || statusOf(error) >= 500;
      if (!isTransient || performance.now() > until)
        throw new Error(`${what}: ${String(error)}`, { cause: error });
      await pause(50);
    }
  }
}

function statusOf(error: Error): number {
  return (error as Error & { problem: { status: number } }).problem.status;
}

test(`R22 R49 R113 ${rounds} sessions started and stopped while the portal is killed: none lost, none doubled, nothing left`, async () => {
  console.log(`figure: faults of the whole server: ${rounds} sessions, FAULTS_SEED=${seed}`);
  const portal = await startPortal();
  try {
    const call = await clientOf(portal);
    const ended = new AbortController();
    const killing = killAgainAndAgain(portal, ended.signal);
    const lines = Array.from({ length: abreast }, (_, line) => liveThrough(call, line));
    const lived = Promise.all(lines).finally(() => ended.abort());
    // Both to their end, so that a session's failure is not hidden by a portal that is being taken down.
    const [life, death] = await Promise.allSettled([lived, killing]);
    if (life.status === "rejected") throw life.reason;
    if (death.status === "rejected") throw death.reason;
    const kills = death.value;
    console.log(`figure: the portal was killed ${kills} times`);
    assert.ok(kills >= Math.max(1, Math.floor(rounds / 10)), `the portal was killed ${kills} times only`);
    const sessions = await allSessions(call);
    assert.equal(sessions.length, rounds, "as many sessions as were asked for, none doubled");
    for (const session of sessions)
      assert.deepEqual([session.phase, session.reason], ["stopped", "user"], session.id);
    await nothingLeft(portal, sessions);
    await countedOnce(call, sessions);
  } finally {
    await removePortal(portal);
  }
});

type Call = ReturnType<typeof createClient>;

/** By an access token, so that the log-in itself is no part of this. */
async function clientOf({ url }: RunningPortal): Promise<Call> {
  const person = await logIn(url, "pi");
  const { token } = await person.call("makeToken", {
    body: { name: "faults", scopes: ["read", "sessions"] },
  });
  return createClient({ url, token });
}

/** Starts and stops its share of the sessions, one after another. */
async function liveThrough(call: Call, line: number): Promise<void> {
  const share = Array.from({ length: rounds }, (_, index) => index).filter(
    (index) => index % abreast === line,
  );
  for (const index of share) {
    const options = { idempotencyKey: `faults-${index}` };
    const { id } = await insist("starting", () =>
      call("startSession", { body: { environment: "nexus" } }, options),
    );
    await insist("running", () => demandPhase(call, id, "running"));
    await insist("stopping", () => call("stopSession", { id }));
    await insist("stopped", () => demandPhase(call, id, "stopped"));
  }
}

async function demandPhase(call: Call, id: string, wanted: Session["phase"]): Promise<void> {
  const { phase, cause } = await call("getSession", { id });
  if (phase !== wanted) throw new Error(`${id} is ${phase} (${cause?.detail ?? "no cause"})`);
}

async function killAgainAndAgain(portal: RunningPortal, signal: AbortSignal): Promise<number> {
  const random = chance(seed);
  for (let kills = 0; ; kills += 1) {
    await pause(100 + random() * 1_500);
    if (signal.aborted) return kills;
    await portal.kill();
    await portal.start();
  }
}

async function allSessions(call: Call): Promise<Session[]> {
  const found: Session[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await call("listSessions", cursor === undefined ? { limit: 200 } : { limit: 200, cursor });
    found.push(...page.items);
    if (page.next === null) return found;
    cursor = page.next;
  }
}

/** No process, socket, folder of a running session, or control group of any of them; the log of ended ones is kept. */
async function nothingLeft(portal: RunningPortal, sessions: readonly Session[]): Promise<void> {
  for (const until = performance.now() + 20_000; ; await pause(200)) {
    const left = sessions.flatMap(({ id }) => remainsOf(portal, id));
    if (left.length === 0) return;
    if (performance.now() > until) assert.fail(`left over: ${left.join(", ")}`);
  }
}

function remainsOf({ state }: RunningPortal, id: string): string[] {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter(
      (pid) =>
        textOf(join("/proc", pid, "cmdline")).includes(id) ||
        textOf(join("/proc", pid, "cgroup")).includes(id),
    )
    .map((pid) => `process ${pid}`);
  const runFolders = readdirSync("/run")
    .filter((name) => name.startsWith("endstation-"))
    .map((name) => join("/run", name));
  const folders = [...runFolders, ...cgroupFolders()].flatMap((folder) =>
    listed(folder)
      .filter((name) => name.startsWith(id))
      .map((name) => join(folder, name)),
  );
  const mounts = textOf("/proc/self/mounts").includes(id) ? [`a mount of ${id}`] : [];
  const homes = listed(join(state, "compute/local/sessions", `${id}.1`)).filter(
    (name) => name === "root" || name === "tmp",
  );
  return [...processes, ...folders, ...mounts, ...homes];
}

function cgroupFolders(): string[] {
  const controllers = ["memory", "cpu", "cpu,cpuacct", "pids", "."].map((name) =>
    join("/sys/fs/cgroup", name),
  );
  return controllers.flatMap((folder) =>
    listed(folder)
      .filter((name) => name.startsWith("endstation-"))
      .map((name) => join(folder, name)),
  );
}

function listed(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

/** What the portal counts is what the stages of all sessions say, each running interval once. */
async function countedOnce(call: Call, sessions: readonly Session[]): Promise<void> {
  const { runningSeconds, sessionsStarted, live } = await call("getUsage");
  const seconds = sessions
    .map(({ stages }) => between(stages, "answering", "stopping"))
    .reduce((a, b) => a + b, 0);
  assert.deepEqual([sessionsStarted, live], [rounds, 0]);
  assert.ok(
    Math.abs(runningSeconds - seconds) < 0.001 * rounds,
    `counted ${runningSeconds} s, lived ${seconds} s`,
  );
}

function between(stages: Session["stages"], from: string, to: string): number {
  const at = (name: string) =>
    stages.filter((stage) => stage.name === name).map((stage) => Date.parse(stage.at));
  const [begun, ended] = [at(from), at(to)];
  assert.deepEqual([begun.length, ended.length], [1, 1], "each stage is passed once");
  return ((ended[0] ?? 0) - (begun[0] ?? 0)) / 1000;
}
