import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Sighting, Unavailable } from "@endstation/core";
import { cancelSource } from "@endstation/core/testing";
import { execHere } from "../../../transports/exec.ts";
import { takeCensus } from "./census.ts";
import type { Cluster } from "./cluster.ts";
import { sessionFolder } from "./folder.ts";
import { tidy } from "./keeping.ts";
import { commentOf, handleOf, jobNameOf } from "./names.ts";
import { Notes, type Order } from "./notes.ts";
import type { Job } from "./slurm.ts";
import { Watch } from "./watching.ts";

const calm = new AbortController().signal;
const mark = { owner: "0a1b", provider: "cluster" };
const start = { sessionId: `s-${"a1".repeat(10)}`, attempt: 1 };
const handle = handleOf(start);

/** The adapter's parts over a Slurm that says what the test wants. */
interface World {
  readonly cluster: Cluster;
  readonly notes: Notes;
  readonly order: Order;
  readonly cancelled: number[];
  readonly revoked: string[];
  jobs: Job[];
  time: number;
  states(): Promise<string[]>;
}

async function withWorld(body: (world: World) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "est-census-"));
  const order: Order = {
    account: { name: "pi", uid: process.getuid?.() ?? 0, gid: 0 },
    folder: join(folder, handle),
    kind: "jupyter",
    endpoints: ["jupyter"],
    memoryMiB: 512,
    at: 0,
  };
  mkdirSync(order.folder);
  const notes = new Notes(join(folder, "state"));
  const [cancelled, revoked]: [number[], string[]] = [[], []];
  const world = { notes, order, cancelled, revoked, jobs: [] as Job[], time: 1_000_000 };
  const cluster = {
    mark,
    notes,
    now: () => world.time,
    lost: new Set(),
    renewed: new Set(),
    slurm: { jobs: async () => world.jobs, cancel: async (id: number) => void cancelled.push(id) },
    site: {
      log: { warn: () => {} },
      tunnels: {
        revoke: async (of: { attempt: number }) => void revoked.push(`revoked ${of.attempt}`),
        ticket: async (of: { attempt: number }) => `ticket ${of.attempt}`,
      },
    },
    folderOf: ({ folder: path }: Order) => sessionFolder(path, execHere()),
  } as unknown as Cluster;
  const states = async () => {
    const { seen } = await takeCensus(cluster, calm);
    return seen.map(({ attempt, observation }) => {
      const why =
        observation.state === "gone" ? ` ${observation.exitCode} ${observation.cause?.code ?? "-"}` : "";
      return `${attempt} ${observation.state}${why}`;
    });
  };
  try {
    await body(Object.assign(world, { cluster, states }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function job(changes: Partial<Job> = {}): Job {
  return {
    id: 7,
    name: jobNameOf(start),
    comment: commentOf(mark, start, "jupyter"),
    user: "pi",
    partition: "debug",
    states: ["RUNNING"],
    reason: "",
    exit: { code: 0, signal: 0 },
    restarts: 0,
    nodes: "n1",
    startsAt: 1_000,
    endsAt: null,
    ...changes,
  };
}

test("a job with our name and comment is ours only where it is its owner's too", () =>
  withWorld(async (world) => {
    await world.notes.begin(handle, world.order);
    world.jobs = [
      job({ id: 3, user: "eve", states: ["FAILED"] }),
      job({ id: 9, name: "x" }),
      job({ id: 8, comment: "x" }),
    ];
    assert.deepEqual(await world.states(), []);
    world.jobs.push(job());
    assert.deepEqual(await world.states(), ["1 running"]);
    assert.deepEqual(world.cancelled, []);
  }));

test("of several jobs of one start the one that runs counts, and what waits besides is cancelled", () =>
  withWorld(async (world) => {
    await world.notes.begin(handle, world.order);
    world.jobs = [job({ id: 5, states: ["PENDING"], reason: "Resources" }), job({ id: 6 })];
    assert.deepEqual(await world.states(), ["1 running"]);
    assert.deepEqual(world.cancelled, [5]);
    const ended = { states: ["COMPLETED"], startsAt: 1_000, endsAt: 1_000 };
    world.jobs = [
      job({ id: 5, ...ended }),
      job({ id: 6, ...ended, states: ["FAILED"], exit: { code: 3, signal: 0 }, endsAt: 9_000 }),
    ];
    assert.deepEqual(await world.states(), ["1 gone 3 -"]);
  }));

test("an end is kept when Slurm has forgotten it, told for a while, and never taken back", () =>
  withWorld(async (world) => {
    await world.notes.begin(handle, world.order);
    world.jobs = [job({ states: ["TIMEOUT"], reason: "TimeLimit" })];
    assert.deepEqual(await world.states(), ["1 gone null time-limit"]);
    assert.deepEqual(world.revoked, ["revoked 1"]);
    world.jobs = [];
    assert.deepEqual(await world.states(), ["1 gone null time-limit"]);
    world.jobs = [job()];
    assert.deepEqual(await world.states(), ["1 gone null time-limit"]);
    assert.deepEqual(world.cancelled, [7], "what runs under an ended name is cancelled");
    world.jobs = [];
    world.time += 16 * 60_000;
    assert.deepEqual(await world.states(), []);
  }));

test("R22 a portal that was away longer than Slurm remembers learns the end from the job itself, or that it is lost", () =>
  withWorld(async (world) => {
    await world.notes.begin(handle, world.order);
    await world.notes.take(handle, { id: 7, at: world.time - 1 });
    assert.deepEqual(await world.states(), [], "lost: Slurm does not know it, and it wrote nothing down");
    writeFileSync(join(world.order.folder, "exit.0"), "3 \n");
    assert.deepEqual(await world.states(), [], "it is looked into once");
    world.cluster.lost.clear();
    assert.deepEqual(await world.states(), ["1 gone 3 -"]);
  }));

test("what was submitted after the list began is not missing from it", () =>
  withWorld(async (world) => {
    await world.notes.begin(handle, world.order);
    await world.notes.take(handle, { id: 7, at: world.time });
    writeFileSync(join(world.order.folder, "exit.0"), "3 \n");
    assert.deepEqual(await world.states(), []);
  }));

test("a job that could not begin says why; one whose child was killed for memory ended as it ended", () =>
  withWorld(async (world) => {
    await world.notes.begin(handle, world.order);
    writeFileSync(join(world.order.folder, "exit.0"), "1 launch-rejected /data/x is not there on n1\n");
    world.jobs = [job({ states: ["FAILED"], reason: "NonZeroExitCode", exit: { code: 1, signal: 0 } })];
    const [seen] = (await takeCensus(world.cluster, calm)).seen;
    assert.deepEqual(seen?.observation, {
      state: "gone",
      exitCode: 1,
      cause: { code: "launch-rejected", detail: "/data/x is not there on n1" },
    });
    await world.notes.forget(handle);
    await world.notes.begin(handle, world.order);
    writeFileSync(join(world.order.folder, "exit.0"), "0 \n");
    world.jobs = [job({ states: ["OUT_OF_MEMORY"] })];
    assert.deepEqual(await world.states(), ["1 gone 0 -"]);
  }));

test("R24 what would wait for ever is ended, with Slurm's reason", () =>
  withWorld(async (world) => {
    await world.notes.begin(handle, world.order);
    world.jobs = [job({ states: ["PENDING"], reason: "PartitionTimeLimit" })];
    assert.deepEqual(await world.states(), ["1 gone null launch-rejected"]);
    assert.deepEqual(world.cancelled, [7]);
    world.jobs = [job({ states: ["PENDING"], reason: "PartitionTimeLimit" })];
    assert.deepEqual(await world.states(), ["1 gone null launch-rejected"]);
  }));

test("an end that was asked for has no cause, however Slurm calls it", () =>
  withWorld(async (world) => {
    await world.notes.begin(handle, world.order);
    await world.notes.ask(handle, 0);
    world.jobs = [job({ states: ["CANCELLED"], exit: { code: 0, signal: 15 } })];
    assert.deepEqual(await world.states(), ["1 gone 143 -"]);
  }));

test("R32 what has been ended or lost for long enough goes, with its log; what Slurm still lists stays", () =>
  withWorld(async (world) => {
    const { cluster, notes, order } = world;
    const tidied = async () => {
      await tidy(
        { ...cluster, config: { keepEndedHours: 1 } as never },
        await takeCensus(cluster, calm),
        calm,
      );
      return [existsSync(order.folder), (await notes.handles()).length];
    };
    await notes.begin(handle, order);
    await notes.take(handle, { id: 7, at: 0 });
    world.jobs = [job()];
    world.time = 4_000_000;
    assert.deepEqual(await tidied(), [true, 1]);
    world.jobs = [job({ states: ["COMPLETED"] })];
    assert.deepEqual(await tidied(), [true, 1]);
    world.jobs = [];
    assert.deepEqual(await tidied(), [true, 1]);
    world.time += 3_600_000;
    assert.deepEqual(await tidied(), [false, 0]);
  }));

test("R22 one list serves everybody, and a list that fails is no empty list", async () => {
  let taken = 0;
  let fails = false;
  const watch = new Watch(async () => {
    taken += 1;
    if (fails) throw new Unavailable("slurmctld is away");
    return { asOf: taken, seen: [], jobs: new Map(), busyUntil: new Map() };
  }, 3_600_000);
  const first = await Promise.all([1, 2, 3, 4, 5].map(() => watch.fresh(calm)));
  assert.deepEqual([taken, new Set(first.map(({ asOf }) => asOf)).size], [1, 1]);
  const { signal, cancel } = cancelSource();
  const told: Sighting[] = [];
  const watching = [1, 2].map(async () => {
    for await (const one of watch.observe(signal)) told.push(one);
  });
  while (told.length < 2) await sleep(20);
  assert.equal(taken, 2, "both observers share one list, which began after they asked");
  watch.tell({ ...start, handle, observation: { state: "running" } }, 7);
  while (told.length < 4) await sleep(20);
  assert.deepEqual(
    told.slice(2).map(({ type, asOf }) => [type, asOf]),
    [
      ["change", 7],
      ["change", 7],
    ],
  );
  cancel();
  await Promise.all(watching);
  fails = true;
  const ended = watch.observe(calm).next();
  await assert.rejects(ended, Unavailable);
  await assert.rejects(watch.fresh(AbortSignal.abort()), Unavailable);
  watch.close();
});
