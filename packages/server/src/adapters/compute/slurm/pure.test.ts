import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { accountOf } from "./accounts.ts";
import { demandConsistent, slurmConfig } from "./config.ts";
import { commentOf, handleOf, jobNameOf, oursOf, ownerIn, startOf } from "./names.ts";
import { gresTimes, offerOf, sizeOf } from "./offers.ts";
import { exitOf, type Job, type Place } from "./slurm.ts";
import { observationOf } from "./status.ts";
import { waitingFor, whyNever } from "./waiting.ts";

const job: Job = {
  id: 7,
  name: "",
  comment: "",
  user: "pi",
  partition: "debug",
  states: ["RUNNING"],
  reason: "",
  exit: { code: 0, signal: 0 },
  restarts: 0,
  nodes: "n1",
  startsAt: null,
  endsAt: null,
};

function seen(state: string, reason = "", waitStatus = 0, asked = false) {
  const told = { ...job, states: [state], reason, exit: exitOf(waitStatus) };
  return observationOf(told, { asked, memoryMiB: 512 }, 0);
}

function endOf(state: string, reason = "", waitStatus = 0, asked = false) {
  const observation = seen(state, reason, waitStatus, asked);
  return observation.state === "gone"
    ? [observation.cause?.code ?? null, observation.exitCode]
    : observation.state;
}

test("what Slurm says of an end: every state, with its own words behind", () => {
  assert.deepEqual(endOf("COMPLETED"), [null, 0]);
  assert.deepEqual(endOf("FAILED", "NonZeroExitCode", 768), [null, 3]);
  assert.deepEqual(endOf("FAILED", "NonZeroExitCode", 137 * 256), ["killed", 137]);
  assert.deepEqual(endOf("FAILED", "RaisedSignal:9(Killed)", 9), ["killed", 137]);
  assert.deepEqual(endOf("FAILED", "JobLaunchFailure", 9), ["launch-rejected", 137]);
  assert.deepEqual(endOf("FAILED", "BadConstraints"), ["launch-rejected", null]);
  assert.deepEqual(endOf("CANCELLED", "", 15), ["killed", 143]);
  assert.deepEqual(endOf("TIMEOUT", "TimeLimit"), ["time-limit", null]);
  assert.deepEqual(endOf("DEADLINE", "DeadLine"), ["time-limit", null]);
  assert.deepEqual(endOf("OUT_OF_MEMORY", "OutOfMemory", 253), ["out-of-memory", null]);
  assert.deepEqual(endOf("NODE_FAIL", "NodeDown"), ["killed", null]);
  assert.deepEqual(endOf("BOOT_FAIL"), ["launch-rejected", null]);
  assert.deepEqual(endOf("PREEMPTED"), ["preempted", null]);
  for (const state of ["CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "FAILED"])
    assert.equal((endOf(state, "", 15, true) as unknown[])[0], null, `${state}, asked for`);
  const memory = seen("OUT_OF_MEMORY", "OutOfMemory");
  assert.equal(
    memory.state === "gone" && memory.cause?.detail,
    "it has 512 MiB (Slurm: OUT_OF_MEMORY, OutOfMemory)",
  );
  const node = seen("NODE_FAIL");
  assert.equal(node.state === "gone" && node.cause?.detail, "node n1 failed (Slurm: NODE_FAIL)");
});

test("what has not ended, or is ending, or is called by a word that nobody knows, is no end", () => {
  for (const state of ["RUNNING", "COMPLETING", "RESIZING", "SIGNALING", "STAGE_OUT", "SOMETHING_NEW"])
    assert.equal(endOf(state), "running", state);
  for (const state of ["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT"])
    assert.equal(endOf(state), "queued", state);
  for (const state of ["SUSPENDED", "STOPPED"]) assert.equal(endOf(state), "suspended", state);
  const both = (states: string[]) =>
    observationOf({ ...job, states }, { asked: false, memoryMiB: null }, 0).state;
  assert.equal(both(["CANCELLED", "COMPLETING"]), "running");
  assert.equal(both(["NODE_FAIL", "REQUEUED"]), "queued");
});

test("R24 a reason to wait in words for people, with Slurm's behind, and when it may start", () => {
  const waiting = (reason: string, startsAt: number | null = null) =>
    waitingFor({ ...job, states: ["PENDING"], reason, startsAt }, 1_000_000);
  assert.deepEqual(waiting("Priority", 1_090_000), {
    reason: "other jobs are before it (Priority)",
    estimateSeconds: 90,
  });
  assert.equal(waiting("Resources", 999_000).estimateSeconds, null);
  assert.match(waiting("AssocMaxJobsLimit").reason, /^a limit of its account .* \(AssocMaxJobsLimit\)$/);
  assert.match(waiting("QOSGrpCpuLimit").reason, /^a limit of its account/);
  assert.match(waiting("ReqNodeNotAvail, UnavailableNodes:n1").reason, /down or reserved \(Req/);
  assert.match(waiting("SomethingNew").reason, /^it waits in Slurm's queue \(SomethingNew\)$/);
  for (const reason of ["PartitionDown", "JobHeldUser", "BeginTime", "Dependency"])
    assert.doesNotMatch(waiting(reason).reason, /^it waits in Slurm's queue/);
});

test("reasons that no waiting mends are told from those that pass", () => {
  const never = (reason: string) => whyNever({ ...job, states: ["PENDING"], reason }) !== null;
  for (const reason of [
    "PartitionTimeLimit",
    "PartitionConfig",
    "AccountNotAllowed",
    "BadConstraints",
    "InvalidQOS",
  ])
    assert.ok(never(reason), reason);
  for (const reason of ["AssocMaxWallDurationPerJobLimit", "QOSMaxMemoryPerJob", "JobHoldMaxRequeue"])
    assert.ok(never(reason), reason);
  for (const reason of [
    "Resources",
    "Priority",
    "AssocMaxJobsLimit",
    "QOSMaxJobsPerUserLimit",
    "AssocGrpCpuLimit",
    "",
  ])
    assert.ok(!never(reason), reason);
  assert.equal(whyNever({ ...job, reason: "PartitionTimeLimit" }), null);
});

const start = { sessionId: `s-${"a1".repeat(10)}`, attempt: 12 };
const mark = { owner: "0a1b", provider: "cluster" };

test("handles are names of one start, and nothing else is ever taken for one", () => {
  assert.deepEqual(startOf(handleOf(start)), start);
  const { sessionId: id } = start;
  for (const strange of [
    "",
    ".",
    "..",
    id,
    `${id}.0`,
    `${id}.01`,
    `${id}.1.2`,
    `../${id}.1`,
    `${id}.1/..`,
    `${id}.1\n`,
  ])
    assert.equal(startOf(strange), null, strange);
});

test("a job is ours when its name and its comment say so, to the letter", () => {
  const ours = { name: jobNameOf(start), comment: commentOf(mark, start, "jupyter") };
  assert.deepEqual(oursOf(mark, ours), { ...start, kind: "jupyter" });
  assert.equal(oursOf({ ...mark, owner: "0a1c" }, ours), null);
  assert.equal(oursOf({ ...mark, provider: "other" }, ours), null);
  assert.equal(oursOf(mark, { ...ours, name: "x" }), null);
  assert.equal(oursOf(mark, { ...ours, comment: `${ours.comment} x` }), null);
  assert.equal(oursOf(mark, { ...ours, name: jobNameOf({ ...start, attempt: 1 }) }), null);
});

test("a portal's mark is its own, and stays", () => {
  const folder = mkdtempSync(join(tmpdir(), "est-slurm-"));
  try {
    const own = ownerIn(join(folder, "a"), undefined);
    assert.match(own, /^[0-9a-f]{12}$/);
    assert.equal(ownerIn(join(folder, "a"), undefined), own);
    assert.notEqual(ownerIn(join(folder, "b"), undefined), own);
    assert.equal(ownerIn(join(folder, "a"), "ours"), "ours");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const place: Place = {
  node: "n1",
  partition: "debug",
  isDefault: true,
  isUp: true,
  isUsable: true,
  cpus: 16,
  freeCpus: 10,
  memoryMiB: 8000,
  freeMemoryMiB: 4000,
  gres: "",
  gresUsed: "",
  mostMinutes: 60,
  mostCpusPerNode: null,
};
const flavour = { name: "small", title: "", cpus: 1.5, memoryMiB: 1000, processes: 10, gpus: 0 };

test("R24 offers: what is free now, how long till more is, and a code for what never fits", () => {
  const offer = (
    changes: Partial<Place>,
    size: Partial<typeof flavour> = {},
    options: object = {},
    busy = 0,
  ) =>
    offerOf(
      sizeOf({ ...flavour, ...size }, options, 60),
      options,
      [{ ...place, ...changes }],
      new Map(busy > 0 ? [["debug", busy]] : []),
      1_000_000,
    );
  const codeOf = (answer: ReturnType<typeof offer>) => (answer.fits ? "fits" : answer.code);
  assert.deepEqual(offer({}), { fits: true, waitSeconds: 0, free: 4 });
  assert.deepEqual(offer({ freeCpus: 3 }), { fits: true, waitSeconds: 0, free: 1 });
  assert.deepEqual(offer({ freeCpus: 0 }, {}, {}, 1_120_000), { fits: true, waitSeconds: 120, free: 0 });
  assert.equal(codeOf(offer({}, { memoryMiB: 8001 })), "too-large");
  assert.equal(codeOf(offer({}, { cpus: 17 })), "too-large");
  assert.equal(codeOf(offer({ mostCpusPerNode: 1 })), "too-large");
  assert.equal(codeOf(offer({}, { gpus: 1 })), "too-large");
  assert.equal(codeOf(offer({}, {}, { minutes: 61 })), "too-large");
  assert.equal(codeOf(offer({ mostMinutes: null }, {}, { minutes: 61 })), "fits");
  assert.equal(codeOf(offer({}, {}, { partition: "other" })), "launch-rejected");
  assert.equal(codeOf(offer({}, {}, { partition: "other,debug" })), "fits");
  assert.equal(codeOf(offer({ isDefault: false })), "launch-rejected");
  assert.equal(codeOf(offer({ isUp: false })), "no-capacity");
  assert.equal(codeOf(offer({ isUsable: false })), "no-capacity");
  const gpus = { gres: "gpu:a100:4(S:0-1)", gresUsed: "gpu:a100:3(IDX:0-2)" };
  assert.deepEqual(offer(gpus, { gpus: 1 }), { fits: true, waitSeconds: 0, free: 1 });
  assert.deepEqual(offer(gpus, { gpus: 2 }), { fits: true, waitSeconds: 0, free: 0 });
  const long = offer({}, {}, { minutes: 61 });
  assert.match(long.fits ? "" : long.detail, /at most 60 minutes where 61 are asked for/);
});

test("devices are counted by name, and by type where one is asked for", () => {
  assert.equal(gresTimes("gpu:2", "gpu:a100:4(S:0-1),gpu:v100:2,shard:8"), 3);
  assert.equal(gresTimes("gpu:a100:2", "gpu:a100:4(S:0-1),gpu:v100:2"), 2);
  assert.equal(gresTimes("gpu:h100:1", "gpu:a100:4"), 0);
  assert.equal(gresTimes("gpu:1", ""), 0);
});

test("a line of passwd is an account, anything else none", () => {
  assert.deepEqual(accountOf("pi:x:2001:3001:Pi,,,:/home/pi:/bin/bash\n"), {
    name: "pi",
    uid: 2001,
    gid: 3001,
  });
  for (const line of ["", "pi", "pi:x:a:b", ":x:1:1"]) assert.equal(accountOf(line), null, line);
});

test("a configuration that does not fit together is refused, with what to write", () => {
  const rest = { url: "http://localhost:6820" };
  const ssh = { host: "login", identityFile: "/k", knownHostsFile: "/h" };
  const faultOf = (part: object): string => {
    try {
      demandConsistent("cluster", slurmConfig.parse({ folder: "/scratch", ...part }));
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const good of [
    { as: "token", rest },
    { as: "sudo" },
    { as: "account", account: "portal" },
    { as: "account", account: "portal", ssh },
    { as: "sudo", ssh: { ...ssh, user: "portal" } },
    { as: "sudo", sandbox: "apptainer", network: "open" },
  ])
    assert.equal(faultOf(good), "", JSON.stringify(good));
  assert.match(faultOf({ as: "token" }), /config-invalid.*"cluster": as: token needs rest/);
  assert.match(faultOf({ as: "sudo", rest }), /as: token/);
  assert.match(faultOf({ as: "account" }), /account goes with/);
  assert.match(faultOf({ as: "sudo", account: "portal" }), /account goes with/);
  assert.match(faultOf({ as: "sudo", ssh }), /ssh needs user, or operator/);
  assert.match(faultOf({ as: "sudo", sandbox: "apptainer" }), /network: open/);
});

test("what becomes a word of a command is never an option, and paths hold nothing that Slurm would replace", () => {
  const parse = (part: object) => slurmConfig.safeParse({ as: "sudo", folder: "/scratch", ...part }).success;
  assert.ok(
    parse({ job: { partition: "gpu,big", constraint: "a100&nvme", qos: "high-prio", gres: "gpu:a100:1" } }),
  );
  assert.ok(parse({ folder: "/scratch/{user}/.endstation" }));
  for (const bad of [
    { job: { partition: "--uid=0" } },
    { job: { account: "a b" } },
    { folder: "scratch" },
    { folder: "/scratch/%j" },
    { folder: "/scratch\n" },
    { accounts: { pi: "-x" } },
    { as: "none" },
    { sandbox: "none" },
  ])
    assert.ok(!parse(bad), JSON.stringify(bad));
});
