import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Rejected, Unavailable } from "@endstation/core";
import { sbatchWords } from "./command-line.ts";
import { jobFormat, jobsOf, minutesOf, placesOf as placesOfOutput } from "./command-output.ts";
import { faultOf, faultOfCommand } from "./refusals.ts";
import { submissionFor, versionAmong } from "./rest-versions.ts";
import { faultAnswer, jobsAnswer, nodesAnswer, partitionsAnswer, placesOf, submitAnswer } from "./schema.ts";
import type { Job, Submission } from "./slurm.ts";
import { signToken } from "./tokens.ts";

const fixture = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", name), "utf8"));

const failed: Job = {
  id: 20,
  name: "endstation-s-x-1",
  comment: "endstation a b",
  user: "espi",
  partition: "debug",
  states: ["FAILED"],
  reason: "NonZeroExitCode",
  exit: { code: 3, signal: 0 },
  restarts: 0,
  nodes: "n1",
  startsAt: 1_795_613_494_000,
  endsAt: 1_795_613_495_000,
};

test("jobs of slurmrestd: as v0.0.38 writes them, and as v0.0.44 does, are the same jobs", () => {
  assert.deepEqual(jobsAnswer.parse(fixture("jobs-v0.0.38.json")).jobs[0], failed);
  const newer = jobsAnswer.parse(fixture("jobs-v0.0.44.json")).jobs;
  assert.deepEqual(newer[0], failed);
  assert.deepEqual(newer[1]?.states, ["CANCELLED", "COMPLETING"]);
  assert.deepEqual(newer[1]?.exit, { code: 0, signal: 15 });
  assert.deepEqual([newer[2]?.states, newer[2]?.startsAt, newer[2]?.restarts], [["PENDING"], null, 1]);
});

test("nodes and partitions of slurmrestd, old and new, are the same places", () => {
  const [old, newer] = ["v0.0.38", "v0.0.44"].map((version) =>
    placesOf(
      partitionsAnswer.parse(fixture(`partitions-${version}.json`)),
      nodesAnswer.parse(fixture(`nodes-${version}.json`)),
    ),
  );
  assert.deepEqual(newer, old);
  assert.deepEqual(
    old?.map(({ partition, node, isDefault, isUp, isUsable, mostMinutes }) => [
      partition,
      node,
      isDefault,
      isUp,
      isUsable,
      mostMinutes,
    ]),
    [
      ["debug", "n1", true, true, true, 60],
      ["closed", "n1", false, false, true, null],
      ["closed", "n2", false, false, false, null],
    ],
  );
  assert.deepEqual([old?.[0]?.freeCpus, old?.[0]?.freeMemoryMiB], [11, 7680]);
});

test("a submission counts as taken when there is a number, whatever warning is beside it", () => {
  const taken = {
    errors: [{ error_code: 2042, error: "Job is in held state" }],
    job_id: 7,
    step_id: "BATCH",
  };
  assert.equal(submitAnswer.parse(taken).job_id, 7);
  assert.equal(submitAnswer.safeParse({ errors: [], job_id: 0 }).success, false);
  assert.equal(submitAnswer.safeParse(null).success, false);
  assert.deepEqual(faultAnswer.parse(taken).errors, [{ said: "Job is in held state", code: 2042 }]);
});

test("the newest version that both speak is taken", () => {
  const paths = (...versions: number[]) => versions.map((one) => `/slurm/v0.0.${one}/job/submit`);
  assert.equal(versionAmong(paths(36, 37, 38)), 38);
  assert.equal(versionAmong([...paths(40, 41, 42), "/slurmdb/v0.0.44/jobs", "/slurm/v0.0.44/jobs"]), 42);
  assert.equal(versionAmong(paths(43, 44, 45).map((path) => `${path}/`)), 44);
  assert.equal(versionAmong(paths(36, 50)), null);
});

const submission: Submission = {
  account: { name: "pi", uid: 2001, gid: 3001 },
  name: "n",
  comment: "c",
  script: "#!/bin/bash\n",
  folder: "/scratch/f",
  log: "/scratch/f/log",
  cpus: 2,
  memoryMiB: 512,
  minutes: 60,
  requeue: false,
  options: {
    partition: "gpu",
    qos: "high",
    constraint: "a100",
    gres: "gpu:1",
    account: "lab",
    reservation: "r",
  },
};

test("each family of versions is told a job in its own words", () => {
  const told = (version: number) =>
    submissionFor(version, submission) as { script?: string; job: Record<string, unknown> };
  const [v38, v39, v40, v44] = [38, 39, 40, 44].map(told);
  assert.deepEqual(v38?.job["environment"], { PATH: "/usr/local/bin:/usr/bin:/bin" });
  assert.deepEqual(
    [v38?.job["no_requeue"], v38?.job["requeue"], v38?.job["gres"]],
    [true, undefined, "gpu:1"],
  );
  assert.deepEqual([v38?.job["memory_per_node"], v38?.job["time_limit"]], [512, 60]);
  assert.deepEqual(v39?.job["environment"], ["PATH=/usr/local/bin:/usr/bin:/bin"]);
  assert.deepEqual(
    [v39?.job["requeue"], v39?.job["tres_per_node"], v39?.job["time_limit"]],
    [false, "gres:gpu:1", 60],
  );
  assert.deepEqual(v40?.job["time_limit"], { set: true, infinite: false, number: 60 });
  assert.deepEqual(
    [v40?.script, v40?.job["script"], v40?.job["tres_per_node"]],
    ["#!/bin/bash\n", undefined, "gres/gpu:1"],
  );
  assert.deepEqual([v44?.script, v44?.job["script"]], [undefined, "#!/bin/bash\n"]);
  for (const { job } of [v38, v39, v40, v44] as { job: Record<string, unknown> }[]) {
    assert.deepEqual(
      [job["partition"], job["qos"], job["account"], job["reservation"], job["constraints"]],
      ["gpu", "high", "lab", "r", "a100"],
    );
    assert.equal(job["minutes"], undefined);
  }
});

test("sbatch is told the same, and hands on nothing of the environment", () => {
  const words = sbatchWords(submission);
  for (const word of [
    "--no-requeue",
    "--mem=512M",
    "--time=60",
    "--gres=gpu:1",
    "--account=lab",
    "--comment=c",
  ])
    assert.ok(words.includes(word), word);
  assert.ok(words.some((word) => word.startsWith("--export=PATH=")));
  assert.ok(!words.some((word) => word.includes("undefined")));
});

test("people may call their jobs anything: the list is read as it is meant", () => {
  const mark = "=0011223344556677=";
  const line = (...cells: string[]) => `${cells.join(mark)}${mark}\n`;
  const lie = line(
    "7",
    "root",
    "debug",
    "COMPLETED",
    "None",
    "0",
    "0",
    "n1",
    "1",
    "2",
    "endstation-s-x-1",
    "endstation a b",
  ).replaceAll(mark, "|");
  const output =
    line(
      "19",
      "eve",
      "debug",
      "RUNNING",
      "None",
      "0",
      "0",
      "n1",
      "1795613494",
      "1795617094",
      `evil\n${lie}`,
      lie,
    ) +
    line(
      "20",
      "espi",
      "debug",
      "FAILED",
      "NonZeroExitCode",
      "768",
      "0",
      "n1",
      "1795613494",
      "1795613495",
      failed.name,
      failed.comment,
    ) +
    line("21", "espi", "debug", "PENDING", "Resources", "0", "2", "", "0", "0", "(null)", "(null)");
  const jobs = jobsOf(output, mark);
  assert.deepEqual(
    jobs.map(({ id }) => id),
    [19, 20, 21],
  );
  assert.deepEqual(jobs[1], failed);
  assert.deepEqual([jobs[0]?.name, jobs[0]?.reason], [`evil\n${lie}`, ""]);
  assert.deepEqual([jobs[2]?.comment, jobs[2]?.startsAt, jobs[2]?.restarts], ["", null, 2]);
  assert.deepEqual(jobsOf("", mark), []);
  assert.equal(jobFormat("|").split(",").length, 12);
});

test("sinfo's rows are nodes within partitions", () => {
  const rows =
    "n1|debug*|up|5/11/0/16|8000|320|mixed|1:00:00|UNLIMITED|gpu:2|gpu:1|\nn2|closed|down|0/0/16/16|8000|0|down*|infinite|8|(null)|(null)|\n";
  const [one, two] = placesOfOutput(rows, "|");
  assert.deepEqual(
    [one?.partition, one?.isDefault, one?.isUp, one?.isUsable, one?.mostMinutes],
    ["debug", true, true, true, 60],
  );
  assert.deepEqual(
    [one?.freeCpus, one?.cpus, one?.freeMemoryMiB, one?.gres, one?.mostCpusPerNode],
    [11, 16, 7680, "gpu:2", null],
  );
  assert.deepEqual(
    [two?.node, two?.isDefault, two?.isUp, two?.isUsable, two?.mostMinutes, two?.mostCpusPerNode],
    ["n2", false, false, false, null, 8],
  );
});

test("Slurm's spans of time, in minutes", () => {
  assert.equal(minutesOf("1:00:00"), 60);
  assert.equal(minutesOf("1-12:30:00"), 2190);
  assert.equal(minutesOf("05:00"), 5);
  assert.equal(minutesOf("infinite"), null);
});

test("a no of slurmctld is for good; everything on the way to it passes", () => {
  for (const code of [2000, 2014, 2029, 2050, 2053, 2066, 2127, 9001])
    assert.ok(faultOf("x", code, "words") instanceof Rejected, String(code));
  for (const code of [-1, 1000, 1800, 1900, 2007, 2020, 2027, 2105, 5004, 5005, 6000, 7000])
    assert.ok(faultOf("x", code, "words") instanceof Unavailable, String(code));
  const no = (words: string) => faultOfCommand("sbatch", words) instanceof Rejected;
  assert.ok(
    no(
      "sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified",
    ),
  );
  assert.ok(no("sbatch: error: Batch job submission failed: Requested reservation is invalid"));
  for (const words of [
    "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
    "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
    "sbatch: error: Batch job submission failed: Slurm backup controller in standby mode",
    "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received",
    "sbatch: error: resolve_ctls_from_dns_srv: res_nsearch error: Unknown host",
    "sudo: a password is required",
    "",
  ])
    assert.ok(!no(words), words);
  const told = faultOfCommand(
    "sbatch",
    "sbatch: error: Batch job submission failed: Requested reservation is invalid",
  );
  assert.equal(
    told.message,
    "launch-rejected: sbatch: Batch job submission failed: Requested reservation is invalid",
  );
});

test("a token is signed as Slurm reads it, for one account and a few minutes", () => {
  const key = Buffer.from("0123456789abcdef0123456789abcdef");
  const [head = "", claims = "", signature = ""] = signToken(key, "pi", 1000.5).split(".");
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  assert.deepEqual(read(head), { alg: "HS256", typ: "JWT" });
  assert.deepEqual(read(claims), { iat: 1000, exp: 1600, sun: "pi" });
  assert.equal(signature, createHmac("sha256", key).update(`${head}.${claims}`).digest("base64url"));
});
