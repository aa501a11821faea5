import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { LaunchSpec } from "@endstation/core";
import { execHere } from "../../../transports/exec.ts";
import { endingOf, sessionFolder } from "./folder.ts";
import { jobScript, type ScriptParts } from "./job-script.ts";
import { accountFiles, apptainerWords, bubblewrapWords, type Inside } from "./sandbox.ts";

const calm = new AbortController().signal;
const hostile = [
  "'",
  '"',
  "$(touch pwned)",
  "`touch pwned`",
  "$IFS",
  "; touch pwned;",
  "a\nb",
  "\n#SBATCH --time=1\ntouch pwned\n",
  "-rf",
  "--",
  "*",
  "~",
  "!!",
  "ünï ☃",
  "\\",
  " ",
];

function withFolder<T>(body: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "est-script "));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const result = body(folder);
  if (result instanceof Promise) return result.finally(remove) as T;
  remove();
  return result;
}

function runScript(folder: string, parts: Partial<ScriptParts>, environment: Record<string, string> = {}) {
  const script = jobScript({
    ...{ folder, module: null, needs: [], programs: [], mayRepeat: false, command: ["true"] },
    ...parts,
  });
  const env = { PATH: "/usr/bin:/bin", SLURM_JOB_ID: "7", ...environment };
  const { status, stdout } = spawnSync("bash", ["-s"], { input: script, env, encoding: "utf8", cwd: "/" });
  return { status, stdout, script };
}

test("R43 names that would be commands, options or #SBATCH lines are words and nothing else", () =>
  withFolder((folder) => {
    const inner = join(folder, "it's $(touch pwned) `here`");
    mkdirSync(inner);
    const needs = hostile.map((name) => join(inner, `x${name}`));
    for (const path of needs) writeFileSync(path, "");
    const command = ["printf", "%s\\0", ...hostile];
    const { status, stdout, script } = runScript(inner, { needs, command });
    assert.equal(status, 0, stdout);
    assert.deepEqual(stdout.split("\0").slice(0, -1), hostile);
    assert.deepEqual([existsSync(join(inner, "pwned")), existsSync("/pwned")], [false, false]);
    const beforeNames = script.slice(0, script.indexOf("\ncd --"));
    assert.match(beforeNames, /^#!\/bin\/bash\numask 077$/, "a command stands before the first name");
  }));

test("what is missing is told in a sentence, and how it ended is written down", () =>
  withFolder((folder) => {
    const missing = runScript(folder, { needs: ["/nowhere/'$(id)'"] });
    assert.equal(missing.status, 1);
    const told = endingOf(readFileSync(join(folder, "exit.0"), "utf8"));
    assert.equal(told?.trouble?.code, "launch-rejected");
    assert.match(told?.trouble?.detail ?? "", /^\/nowhere\/'\$\(id\)' is not there on /);
    const program = runScript(
      folder,
      { programs: ["bash", "no-such-program"] },
      { SLURM_RESTART_COUNT: "1" },
    );
    assert.match(program.stdout, /no-such-program is not there/);
    const well = runScript(folder, { command: ["sh", "-c", "exit 7"] }, { SLURM_RESTART_COUNT: "2" });
    assert.equal(well.status, 7);
    assert.deepEqual(endingOf(readFileSync(join(folder, "exit.2"), "utf8")), { status: 7, trouble: null });
    assert.equal(statSync(join(folder, "exit.2")).mode & 0o77, 0);
  }));

test("of two jobs for one start the first runs; one that is queued again runs again; none runs that was called off", () =>
  withFolder((folder) => {
    const command = ["echo", "it runs"];
    const run = (job: string, restart: string, mayRepeat = false) =>
      runScript(folder, { command, mayRepeat }, { SLURM_JOB_ID: job, SLURM_RESTART_COUNT: restart });
    assert.match(run("7", "0").stdout, /it runs/);
    assert.deepEqual([run("8", "0").stdout, run("8", "0").status], ["", 0]);
    const again = run("7", "0");
    assert.deepEqual(
      [again.status, again.stdout],
      [1, "slurmctld was restarted and had forgotten that it ran\n"],
    );
    assert.equal(endingOf(readFileSync(join(folder, "exit.0"), "utf8"))?.trouble?.code, "killed");
    assert.match(run("7", "0", true).stdout, /it runs/);
    assert.match(run("7", "1").stdout, /it runs/);
    writeFileSync(join(folder, "ended"), "");
    assert.deepEqual([run("9", "2").stdout, run("9", "2").status], ["", 0]);
  }));

test("an ending is read from its first line alone, and only as we write it", () => {
  assert.deepEqual(endingOf("0 \nmore"), { status: 0, trouble: null });
  assert.deepEqual(endingOf("1 killed why\n"), { status: 1, trouble: { code: "killed", detail: "why" } });
  for (const text of ["", "0", "x \n", "1 internal why\n", "1234 \n"])
    assert.equal(endingOf(text), null, text);
});

test("a folder is made once, whole and for its account alone, and nobody else's is touched", () =>
  withFolder(async (folder) => {
    const path = join(folder, "below/$(id) 's", "s-1.1");
    const one = sessionFolder(path, execHere());
    const files = new Map([
      ["spec.json", Buffer.from("{}")],
      ["tunnel.json", Buffer.from([0, 1, 2, 10, 255])],
    ]);
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => one.make(files, calm)));
    assert.deepEqual(outcomes.toSorted(), ["made", "there", "there", "there"]);
    assert.deepEqual([...readFileSync(join(path, "tunnel.json"))], [0, 1, 2, 10, 255]);
    assert.deepEqual(
      [statSync(path).mode & 0o777, statSync(join(path, "tunnel.json")).mode & 0o777],
      [0o700, 0o600],
    );
    await one.replace("tunnel.json", "new", calm);
    assert.equal(readFileSync(join(path, "tunnel.json"), "utf8"), "new");
    writeFileSync(join(path, "log"), "one\ntwo\nthree\n");
    assert.equal(await one.log(1000, calm), "one\ntwo\nthree\n");
    assert.equal(await one.log(8, calm), "three\n");
    assert.equal(await one.ending(0, calm), null);
    await one.markEnded(calm);
    assert.equal(await one.make(files, calm), "over");
    await one.remove(calm);
    assert.equal(existsSync(path), false);
    assert.deepEqual([await one.log(10, calm), await one.markEnded(calm)], ["", undefined]);
  }));

test("R43 where everybody may make folders, one that waits there under our name is left alone", () =>
  withFolder(async (folder) => {
    const target = join(folder, "mine");
    mkdirSync(target);
    const path = join(folder, "s-1.1");
    symlinkSync(target, path);
    const lure = sessionFolder(path, execHere());
    await assert.rejects(lure.make(new Map(), calm), /belongs to another account/);
    await lure.markEnded(calm);
    await lure.remove(calm);
    assert.deepEqual([existsSync(target), existsSync(join(target, "ended"))], [true, false]);
    const denied = sessionFolder("/proc/1/nothing/s-1.1", execHere());
    await assert.rejects(denied.make(new Map(), calm));
  }));

const spec = {
  sessionId: "s-1",
  attempt: 1,
  flavour: { name: "small", title: "", cpus: 1.5, memoryMiB: 1024, processes: 100, gpus: 0 },
} as unknown as LaunchSpec;
const inside: Inside = {
  spec,
  folder: "/scratch/s-1.1",
  mounts: [
    { source: "/homes/pi", target: "/home/user", readOnly: false },
    { source: '/archive/a "b", c', target: "/data/d1", readOnly: true },
  ],
  software: "/software/environment",
  program: "bwrap",
  readable: ["/opt/modules"],
  network: "none",
};

test("R42 a sandbox shows data read-only, closes the network, and keeps the ticket outside", () => {
  const words = bubblewrapWords(inside);
  const text = words.join(" ");
  for (const word of [
    "--unshare-user",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--disable-userns",
  ])
    assert.ok(words.includes(word), word);
  assert.match(text, /--ro-bind \/archive\/a "b", c \/data\/d1/);
  assert.match(text, /--bind \/homes\/pi \/home\/user/);
  assert.match(text, /--ro-bind-try \/software\/environment \/software\/environment/);
  assert.match(text, /--ro-bind \{private\}\/portal.sock \/run\/session\/portal.sock/);
  assert.doesNotMatch(text, /tunnel|--share-net|--dev-bind|--ro-bind \/ \/|\/scratch\/s-1.1 /);
  assert.equal(words.at(-1), "--");
  assert.ok(!bubblewrapWords({ ...inside, network: "open" }).includes("--unshare-net"));
  const gpus = bubblewrapWords({ ...inside, spec: { ...spec, flavour: { ...spec.flavour, gpus: 1 } } }).join(
    " ",
  );
  assert.match(gpus, /--dev-bind \/dev \/dev/);
});

test("R42 an image is entered with nothing of the node but what it is given", () => {
  const words = apptainerWords({ ...inside, software: "/images/nexus.sif", program: "apptainer" });
  assert.deepEqual(words.slice(0, 3), ["apptainer", "exec", "--containall"]);
  assert.ok(
    words.includes('type=bind,"source=/archive/a ""b"", c",destination=/data/d1,ro'),
    words.join(" "),
  );
  assert.ok(words.includes("/homes/pi:/home/user"));
  assert.doesNotMatch(words.join(" "), /tunnel/);
  const at = words.indexOf("/images/nexus.sif");
  assert.deepEqual(words.slice(at + 1, at + 3), ["sh", "-c"]);
  assert.ok(!words.includes("--nv"));
});

test("inside, nobody is known but the session's own account", () => {
  const files = accountFiles({ uid: 2001, gid: 3001 }, "Evil:0:0:\nroot::0", "none");
  assert.equal(files["passwd"]?.split("\n").length, 3);
  assert.match(files["passwd"] ?? "", /^user:x:2001:3001:Evil 0 0/);
  assert.match(files["nsswitch.conf"] ?? "", /hosts: files\n/);
  assert.match(accountFiles({ uid: 1, gid: 1 }, "", "open")["nsswitch.conf"] ?? "", /hosts: files dns\n/);
});
