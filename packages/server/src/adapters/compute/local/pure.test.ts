import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { LaunchSpec, Seen } from "@endstation/core";
import { type CgroupSite, cgroupsOf, findCgroups } from "./cgroups.ts";
import { localConfig } from "./config.ts";
import { handleOf, makeFolders, partsOf } from "./folders.ts";
import { lastOf } from "./logs.ts";
import { offerOf } from "./offers.ts";
import { type OrderContext, orderOf } from "./order.ts";
import { type End, observationOf, waiting } from "./status.ts";
import { difference } from "./watching.ts";

const flavour = { name: "small", title: "Small", cpus: 1.5, memoryMiB: 1024, processes: 100, gpus: 0 };

function inTemporary<T>(body: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "est-pure-"));
  try {
    return body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const well: End = { exitCode: 0, trouble: null, asked: false, outOfMemory: false, at: 0 };

test("what an end means: by itself, asked for, for memory, killed, an exit code, never started", () => {
  const seen = (end: Partial<End>) => observationOf({ memoryMiB: 512, end: { ...well, ...end } });
  const codeOf = (end: Partial<End>) => {
    const observation = seen(end);
    return observation.state === "gone" ? (observation.cause?.code ?? null) : observation.state;
  };
  assert.deepEqual(observationOf({ memoryMiB: 512, end: null }), { state: "running" });
  assert.deepEqual(seen({}), { state: "gone", exitCode: 0, cause: null });
  assert.equal(codeOf({ asked: true, exitCode: 137, outOfMemory: true }), null);
  assert.equal(codeOf({ exitCode: 137, outOfMemory: true }), "out-of-memory");
  assert.equal(codeOf({ exitCode: null, outOfMemory: true }), "out-of-memory");
  assert.equal(codeOf({ exitCode: 0, outOfMemory: true }), null);
  assert.equal(codeOf({ exitCode: 137 }), "killed");
  assert.equal(codeOf({ exitCode: 143 }), "killed");
  assert.equal(codeOf({ exitCode: null }), "killed");
  assert.equal(codeOf({ exitCode: null, trouble: "no space" }), "launch-rejected");
  assert.deepEqual(seen({ exitCode: 3 }), { state: "gone", exitCode: 3, cause: null });
});

test("R24 offers count memory once and processors several times, and say why not", () => {
  const capacity = { memoryMiB: 4096, cpus: 2, cpuOvercommit: 2 };
  const offer = (size: Partial<typeof flavour>, running = 0) =>
    offerOf(
      "jupyter",
      { ...flavour, ...size },
      capacity,
      Array.from({ length: running }, () => ({ kind: "jupyter", memoryMiB: 1024, cpus: 1 })),
      0,
    );
  assert.deepEqual(offer({ cpus: 1 }), { fits: true, waitSeconds: 0, free: 4 });
  assert.deepEqual(offer({ cpus: 2 }), { fits: true, waitSeconds: 0, free: 2 });
  assert.deepEqual(offer({ cpus: 1 }, 3), { fits: true, waitSeconds: 0, free: 1 });
  const codeOf = (answer: ReturnType<typeof offer>) => (answer.fits ? "fits" : answer.code);
  assert.equal(codeOf(offer({ cpus: 1 }, 4)), "no-capacity");
  assert.equal(codeOf(offer({ memoryMiB: 5000 })), "too-large");
  assert.equal(codeOf(offer({ cpus: 3 })), "too-large");
  assert.equal(codeOf(offer({ gpus: 1 })), "too-large");
});

test("R31 batch sessions run on a processor each and wait for their turn; what can never be held is refused", () => {
  const capacity = { memoryMiB: 8192, cpus: 2, cpuOvercommit: 4 };
  const taken = (kind: "jupyter" | "batch") => ({ kind, memoryMiB: 1024, cpus: 1 });
  const people = [taken("jupyter"), taken("jupyter"), taken("jupyter")];
  const offer = (running: readonly ReturnType<typeof taken>[], ahead = 0, cpus = 1) =>
    offerOf("batch", { ...flavour, cpus }, capacity, running, ahead);
  assert.deepEqual(offer(people), { fits: true, waitSeconds: 0, free: 2 });
  assert.deepEqual(offer([...people, taken("batch"), taken("batch")]), {
    ...{ fits: true, waitSeconds: 600, free: 0 },
  });
  assert.deepEqual(offer(people, 2), { fits: true, waitSeconds: 1800, free: 0 });
  assert.equal(offer([], 0, 3).fits, false);
  assert.deepEqual(offerOf("jupyter", flavour, capacity, [taken("batch"), taken("batch")], 0).fits, true);
});

test("an observer is told of what changed, and of everything when something is missing", () => {
  const seen = (handle: string, state: "running" | "gone"): Seen => ({
    sessionId: handle,
    attempt: 1,
    handle,
    observation: state === "gone" ? { state, exitCode: 0, cause: null } : { state },
  });
  const [a, b] = [seen("a", "running"), seen("b", "running")];
  assert.deepEqual(difference([a, b], [a, b], 5), []);
  assert.deepEqual(difference([a], [a, b], 5), [{ type: "change", asOf: 5, seen: b }]);
  const gone = seen("a", "gone");
  assert.deepEqual(difference([a, b], [gone, b], 5), [{ type: "change", asOf: 5, seen: gone }]);
  assert.deepEqual(difference([a, b], [b], 5), [{ type: "all", asOf: 5, seen: [b] }]);
  const [second, first] = [1, 0].map((ahead): Seen => ({ ...a, observation: waiting(ahead) }));
  assert.deepEqual(difference([second as Seen], [first as Seen], 5), [
    { type: "change", asOf: 5, seen: first },
  ]);
});

test("handles are names of one attempt, and nothing else is ever taken for one", () => {
  const id = `s-${"a1".repeat(10)}`;
  assert.deepEqual(partsOf(handleOf(id, 12)), { sessionId: id, attempt: 12 });
  for (const strange of [
    "",
    ".",
    "..",
    `${id}`,
    `${id}.0`,
    `${id}.01`,
    `${id}.1.2`,
    `../${id}.1`,
    `${id}.1/..`,
  ])
    assert.equal(partsOf(strange), null, strange);
});

test("the folder for sockets is short and ours, or refused", () =>
  inTemporary((folder) => {
    assert.throws(() => makeFolders(join(folder, "a"), join(folder, "x".repeat(80))), {
      code: "config-invalid",
    });
    const folders = makeFolders(join(folder, "state"), join(folder, "run"));
    assert.ok(existsSync(folders.sessions));
    if (process.getuid?.() === 0) {
      const theirs = join(folder, "theirs");
      mkdirSync(theirs);
      writeFileSync(join(folder, "file"), "");
      assert.throws(() => makeFolders(join(folder, "a"), join(folder, "file")));
    }
  }));

test("control groups of both versions carry the flavour's size", () => {
  const one: CgroupSite = { kind: "cgroup-v1", memory: "/m", cpu: "/c", pids: "/p" };
  const [memory, cpu, pids] = cgroupsOf(one, "h", flavour);
  assert.deepEqual(memory?.settings[0], ["memory.limit_in_bytes", String(1024 ** 3)]);
  assert.deepEqual(cpu?.settings.at(-1), ["cpu.cfs_quota_us", "150000"]);
  assert.deepEqual(pids?.settings, [["pids.max", "132"]]);
  const [unified] = cgroupsOf({ kind: "cgroup-v2", folder: "/g" }, "h", flavour);
  assert.equal(unified?.folder, "/g/h");
  assert.deepEqual(Object.fromEntries(unified?.settings ?? []), {
    "memory.max": String(1024 ** 3),
    "memory.swap.max": "?0",
    "cpu.max": "150000 100000",
    "pids.max": "132",
  });
  assert.deepEqual(cgroupsOf({ kind: "rlimit" }, "h", flavour), []);
});

test("a unified hierarchy is used when it hands its controllers down, and rlimits when there is none", () =>
  inTemporary((folder) => {
    writeFileSync(join(folder, "cgroup.subtree_control"), "");
    const found = findCgroups("endstation-test", `none ${folder} cgroup2 rw 0 0\n`);
    assert.deepEqual(found, { kind: "cgroup-v2", folder: join(folder, "endstation-test") });
    assert.equal(readFileSync(join(folder, "cgroup.subtree_control"), "utf8"), "+memory +cpu +pids");
    assert.deepEqual(findCgroups("x", "none /nonexistent cgroup2 rw 0 0\nnone /sys tmpfs rw 0 0\n"), {
      kind: "rlimit",
    });
  }));

const context: OrderContext = {
  handle: "h",
  bwrap: "/usr/bin/bwrap",
  system: [
    { path: "/usr", linkTo: null },
    { path: "/bin", linkTo: "usr/bin" },
  ],
  cgroups: { kind: "rlimit" },
  root: true,
  launcher: { "__main__.py": "pass\n" },
  launcherFolder: "/launcher",
  prepared: () => "/run/p",
  socketOf: (endpoint) => `/run/s/${endpoint}`,
  changes: "/changes",
  logBytes: 1000,
  graceSeconds: 5,
  scratch: "/tmp/scratch",
  portal: { folder: "/run/portals", ticket: "{}" },
  now: 7,
};

const spec: LaunchSpec = {
  sessionId: `s-${"0".repeat(20)}`,
  attempt: 1,
  kind: "jupyter",
  endpoints: ["jupyter"],
  posix: { uid: 2001, gid: 3001, groups: [3001, 4001] },
  source: { path: "/software/environment" },
  flavour,
  mounts: [
    { source: "/homes/pi", target: "/home/user", readOnly: false },
    { source: "/archive/d1", target: "/data/d1", readOnly: true },
  ],
  document: {
    session: { id: `s-${"0".repeat(20)}`, name: "x", kind: "jupyter", attempt: 1 },
    owner: { account: "pi", name: "Evil:0:0:\nroot::0" },
    proposal: "p",
    environment: "e",
    datasets: [{ id: "d1", title: "D", path: "/data/d1", files: ["a.h5"] }],
    notebook: null,
    parameters: {},
    job: null,
  },
};

test("R42 an order mounts data read-only, unshares everything, and names only the session's account", () => {
  const order = orderOf(spec, "/software/environment", context);
  const words = order.sandbox.join(" ");
  for (const part of [
    "--unshare-user",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--disable-userns",
  ])
    assert.ok(order.sandbox.includes(part), part);
  assert.match(words, /--ro-bind \/archive\/d1 \/data\/d1/);
  assert.match(words, /--bind \/homes\/pi \/home\/user/);
  assert.match(words, /--ro-bind \/software\/environment \/software\/environment/);
  assert.doesNotMatch(words, /--share-net|--dev-bind/);
  assert.deepEqual(order.posix, spec.posix);
  assert.equal(order.files["/etc/passwd"]?.split("\n").length, 3);
  assert.match(order.files["/etc/passwd"] ?? "", /^user:x:2001:3001:Evil 0 0/);
  assert.match(order.files["/etc/group"] ?? "", /group-4001:x:4001:user/);
  assert.deepEqual(order.arguments.slice(-4), ["--memory-mib", "1024", "--processes", "100"]);
});

test("without isolation paths are the machine's own and nothing is forked from a prepared process", () => {
  const order = orderOf(spec, "/software/environment", { ...context, bwrap: null, root: false });
  assert.equal(order.posix, null);
  assert.equal(order.prepared, null);
  assert.equal(order.environment["HOME"], "/homes/pi");
  const document = JSON.parse(order.files["/tmp/scratch/spec.json"] ?? "");
  assert.equal(document.datasets[0].path, "/archive/d1");
  assert.equal(order.command[2], "/launcher");
});

test("R31 a batch session listens nowhere, is started anew, and waits from when it was asked for", () => {
  const batch = { ...spec, kind: "batch", endpoints: [] } as const;
  const { socket, prepared, command, queuedAt } = orderOf(batch, "/software/environment", context);
  assert.deepEqual({ socket, prepared, queuedAt }, { socket: null, prepared: null, queuedAt: 7 });
  assert.equal(command.includes("--listen-fd"), false);
  assert.equal(orderOf(spec, "/software/environment", context).queuedAt, null);
});

test("a terminal session listens at an endpoint of its own, is started anew, and has the page's files", () => {
  const terminal = { ...spec, kind: "terminal", endpoints: ["terminal"] } as const;
  const { socket, prepared, queuedAt, sandbox } = orderOf(terminal, "/software/environment", context);
  assert.deepEqual(
    { socket, prepared, queuedAt },
    { socket: "/run/s/terminal", prepared: null, queuedAt: null },
  );
  assert.match(sandbox.join(" "), /--ro-bind \/launcher\/(\S+\/page) \/opt\/endstation\/session\/\1 /);
  const notebook = orderOf(spec, "/software/environment", context);
  assert.equal(notebook.prepared, "/run/p");
  assert.doesNotMatch(notebook.sandbox.join(" "), /page/);
});

test("R32 the end of a log comes from both of its files, and in whole lines", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "est-pure-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "log.1"), "one\ntwo\n");
  writeFileSync(join(folder, "log"), "three\nfour\n");
  assert.equal(await lastOf(folder, 1000), "one\ntwo\nthree\nfour\n");
  assert.equal(await lastOf(folder, 14), "three\nfour\n");
  assert.ok((await lastOf(folder, 3)).length <= 3);
  assert.equal(await lastOf("/nonexistent", 10), "");
});

test("the configuration has a default for everything and knows no other key", () => {
  assert.equal(localConfig.parse({}).isolation, "auto");
  assert.throws(() => localConfig.parse({ isolaton: "none" }), /isolaton/);
});
