import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Environment, newSession, Rejected, type Session } from "@endstation/core";
import { launchSpecOf } from "./launch-spec.ts";
import { folderName } from "./storage.ts";

const environment: Environment = {
  name: "nexus",
  title: "NeXus",
  description: "",
  kind: "jupyter",
  software: [],
  techniques: [],
  definitions: [],
  instruments: [],
  madeFor: "",
  flavours: ["small"],
  notebooks: [],
  source: { path: "/env" },
};
const flavour = { name: "small", title: "Small", cpus: 1, memoryMiB: 1024, processes: 100, gpus: 0 };

function sessionWith(proposal: string | null, datasets: readonly string[]) {
  const request = {
    id: "s-00000000000000000001",
    owner: "pi",
    kind: "jupyter",
    environment: "nexus",
    flavour: "small",
    provider: "local",
    placement: "asked for",
    proposal,
    datasets,
    notebook: null,
    parameters: {},
    endpoints: ["jupyter"],
    batch: null,
    createdAt: 0,
  } as const;
  return newSession(request, "test", 1);
}

async function depsIn(folder: string, dataFolder: string | null = "/archive/mgb2") {
  return {
    supply: { environments: [environment], flavours: [flavour] },
    storage: { homes: join(folder, "homes"), results: join(folder, "results") },
    datasets: async (ids: readonly string[]) =>
      ids.map((id) => ({ id, title: id, folder: dataFolder, files: ["a.nxs"] })),
    posixOf: async () => (process.getuid?.() === 0 ? { uid: 700_001, gid: 700_002, groups: [] } : null),
    nameOf: async () => "Principal investigator",
    scriptOf: async ({ id }: Session) => `print("${id}")`,
  };
}

test("R42 R43 R60 data are mounted read-only, home and the proposal's results writable and shared by the team alone", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "spec-"));
  t.after(() => rm(folder, { recursive: true }));
  const spec = await launchSpecOf(await depsIn(folder), sessionWith("LRMECS-2001", ["mgb2"]));
  assert.deepEqual(
    spec.mounts.map(({ target, readOnly }) => [target, readOnly]),
    [
      ["/data/mgb2", true],
      ["/home/user", false],
      ["/results", false],
    ],
  );
  const results = await stat(join(folder, "results/proposals/LRMECS-2001"));
  assert.equal(results.mode & 0o7777, 0o2770);
  assert.equal((await stat(join(folder, "homes/pi"))).mode & 0o7777, 0o700);
  assert.deepEqual(spec.document.datasets, [
    { id: "mgb2", title: "mgb2", path: "/data/mgb2", files: ["a.nxs"] },
  ]);
});

test("R60 without a proposal results are personal", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "spec-"));
  t.after(() => rm(folder, { recursive: true }));
  const spec = await launchSpecOf(await depsIn(folder), sessionWith(null, []));
  assert.ok(spec.mounts.some((mount) => mount.source.endsWith("results/personal/pi")));
});

test("R31 a batch session is told its program and arguments, or that its notebook is to be run", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "spec-"));
  t.after(() => rm(folder, { recursive: true }));
  const job = async (hasScript: boolean) => {
    const batch = { hasScript, arguments: ["a"], retries: 0, array: null };
    const session = { ...sessionWith(null, []), kind: "batch", endpoints: [], batch } as const;
    return (await launchSpecOf(await depsIn(folder), session)).document.job;
  };
  assert.deepEqual(await job(true), { script: 'print("s-00000000000000000001")', arguments: ["a"] });
  assert.deepEqual(await job(false), { script: null, arguments: ["a"] });
});

test("what is no longer there is rejected with its name", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "spec-"));
  t.after(() => rm(folder, { recursive: true }));
  await assert.rejects(
    launchSpecOf(await depsIn(folder, null), sessionWith(null, ["tape"])),
    (error) => error instanceof Rejected && error.refusal.detail.includes("tape"),
  );
});

test("no account or proposal name leads out of its folder", () => {
  for (const hostile of ["..", ".", "a/b", "../../etc", "", "-x", "a\0b", "Ä", "x".repeat(300)]) {
    assert.match(folderName(hostile), /^[A-Za-z0-9_-][A-Za-z0-9._~-]*$/);
    assert.notEqual(folderName(hostile), hostile);
  }
  assert.notEqual(folderName("a/b"), folderName("a_b"));
});
