import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Seen, Target } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { WebSocket } from "ws";
import { builtEnvironment } from "../../../testing/built-environment.ts";
import { ask, runPython } from "../../../testing/jupyter.ts";
import { findCgroups, parentsOf } from "./cgroups.ts";
import { makeFolders } from "./folders.ts";
import type { LocalProvider } from "./index.ts";
import { layDown } from "./records.ts";
import { refusedCalls } from "./seccomp.ts";
import { createLocalSubject, pidFrom } from "./subject.testing.ts";

const root = process.getuid?.() === 0;
const environment = builtEnvironment("nexus");
const skip =
  environment === null ? "the environment nexus is not built on this machine (npm start builds it)" : false;

/** A process that has ended and was only not asked after yet is no longer alive. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** The newest prepared process below `parent`: within its sandbox, its program is Python's own. */
async function originOf(parent: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-eo", "pid,ppid,args"]);
  const rows = stdout
    .split("\n")
    .slice(1)
    .map((line) => /^ *(\d+) +(\d+) +(.*)$/.exec(line))
    .filter((row) => row !== null)
    .map(([, pid, above, args = ""]) => ({ pid: Number(pid), above: Number(above), args }));
  const below = (pid: number): typeof rows =>
    rows.filter(({ above }) => above === pid).flatMap((row) => [row, ...below(row.pid)]);
  const found = below(parent).filter(({ args }) => args.includes("prepared.py") && !args.includes("bwrap"));
  return found.at(-1)?.pid ?? assert.fail("there is no prepared process");
}

describe("local", { skip }, async () => {
  const subject = await createLocalSubject(environment ?? "");
  after(() => subject.close());

  const sessionFolder = (handle: string) => join(subject.stateFolder, "sessions", handle);

  async function started(provider: LocalProvider, changes = {}) {
    const spec = await subject.spec(changes);
    const { handle } = await provider.launch(spec, never);
    const target = { sessionId: spec.sessionId, handle };
    const send = async (path: string, options = {}) =>
      ask(await provider.dial(target, "jupyter", never), path, options);
    return { spec, handle, target, send };
  }

  async function gone(provider: LocalProvider, handle: string): Promise<Seen> {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      for await (const sighting of provider.observe(never)) {
        const seen = sighting.type === "all" ? sighting.seen.find((one) => one.handle === handle) : undefined;
        if (seen?.observation.state === "gone") return seen;
        break;
      }
      await sleep(100);
    }
    throw new Error(`${handle} is not gone`);
  }

  /** Whatever of a session there still is on the machine. */
  async function leftOf(handle: string): Promise<string[]> {
    const { stdout } = await promisify(execFile)("ps", ["-eo", "args"]);
    const folders = makeFolders(subject.stateFolder, subject.runFolder);
    const cgroups = parentsOf(findCgroups(`endstation-${folders.digest}`)).map((one) => join(one, handle));
    return [
      ...stdout.split("\n").filter((line) => line.includes(handle)),
      ...[join(subject.runFolder, handle), ...cgroups].filter((path) => existsSync(path)),
    ];
  }

  test("R20 a session that has ended leaves no process, socket or control group", async () => {
    const provider = await subject.open();
    const { handle, target, send } = await started(provider);
    assert.equal((await send("/api/status")).status, 200);
    assert.notDeepEqual(await leftOf(handle), []);
    await provider.terminate(target, never);
    await gone(provider, handle);
    await sleep(100);
    assert.deepEqual(await leftOf(handle), []);
  });

  test("R22 a supervisor that is killed takes its session along, and the portal clears up", async () => {
    const provider = await subject.open();
    const { handle, send } = await started(provider);
    await send("/api/status");
    const inside = await pidFrom(join(sessionFolder(handle), "sandbox.json"));
    process.kill(await pidFrom(join(sessionFolder(handle), "supervisor.json")), "SIGKILL");
    const { observation } = await gone(provider, handle);
    assert.equal(observation.state === "gone" && observation.cause?.code, "killed");
    assert.ok(!alive(inside));
    assert.deepEqual(await leftOf(handle), []);
  });

  test("a second supervisor for the same session does nothing and goes away", async () => {
    const provider = await subject.open();
    const { handle, send } = await started(provider);
    await send("/api/status");
    const first = await pidFrom(join(sessionFolder(handle), "supervisor.json"));
    const script = join(import.meta.dirname, "host/supervisor.py");
    await promisify(execFile)("python3", ["-I", "-S", script, sessionFolder(handle)]);
    assert.equal(await pidFrom(join(sessionFolder(handle), "supervisor.json")), first);
    assert.equal((await send("/api/status")).status, 200);
  });

  test("a session that its person shuts down has ended by itself, and well", async () => {
    const provider = await subject.open();
    const { handle, send } = await started(provider);
    assert.equal((await send("/api/shutdown", { method: "POST" })).status, 200);
    assert.deepEqual((await gone(provider, handle)).observation, { state: "gone", exitCode: 0, cause: null });
  });

  test("a session is forked from a prepared process when one is ready, and starts anew when it is killed", async () => {
    const provider = await subject.open({ prepared: 1 });
    assert.equal(await provider.prepare({ path: environment ?? "" }), true);
    const prepared = join(subject.runFolder, "prepared");
    assert.equal(readdirSync(prepared).length, 1);
    const first = await started(provider);
    await first.send("/api/status");
    const { stdout } = await promisify(execFile)("ps", ["-eo", "pid,args"]);
    const forked = stdout
      .split("\n")
      .filter((line) => /host\/prepared\.py/.test(line) && !line.includes("bwrap"));
    assert.ok(forked.length >= 3, "the session, the half that waits for it, and their origin");
    provider.close();
    for (let attempt = 0; readdirSync(prepared).length > 0 && attempt < 1500; attempt += 1) await sleep(20);
    assert.equal((await first.send("/api/status")).status, 200, "a session outlives its origin");
    const second = await started(provider);
    assert.equal((await second.send("/api/status")).status, 200);
  });

  test("R22 a prepared process that ends while it is asked costs nothing: the session is started anew", async () => {
    const provider = await subject.open({ prepared: 1 });
    assert.equal(await provider.prepare({ path: environment ?? "" }), true);
    const origin = await originOf(process.pid);
    process.kill(origin, "SIGSTOP");
    const pending = started(provider);
    await sleep(1_500);
    process.kill(origin, "SIGKILL");
    assert.equal((await (await pending).send("/api/status")).status, 200);
  });

  test("R21 R32 the template is in front with its parameters filled in, and nobody's work is overwritten", async () => {
    const provider = await subject.open();
    const home = (await subject.spec()).mounts[0]?.source ?? "";
    const notebook = (name: string) => join(home, `look-at-a-file${name}.ipynb`);
    const first = await started(provider);
    const front = await first.send("/");
    assert.equal(front.headers["location"], "/lab/tree/look-at-a-file.ipynb?");
    assert.match(readFileSync(notebook(""), "utf8"), /data_path = '\/data\/sample\/counts\.dat'/);
    assert.match(readFileSync(notebook(""), "utf8"), /results_path = '\/results\/[\w.-]+\/[\w.-]+'/);
    await (await started(provider)).send("/api/status");
    assert.ok(!existsSync(notebook("-2")), "an untouched copy is used again");
    appendFileSync(notebook(""), "\n");
    const third = await started(provider);
    assert.equal((await third.send("/")).headers["location"], "/lab/tree/look-at-a-file-2.ipynb?");
    const listing = JSON.parse((await third.send("/api/contents/data/sample")).body) as {
      content: { name: string }[];
    };
    assert.deepEqual(
      listing.content.map(({ name }) => name),
      ["counts.dat"],
    );
  });

  test("R23 Jupyter keeps its own checks of host, origin and forgery as a second line", async () => {
    const provider = await subject.open();
    const { send, target } = await started(provider);
    assert.equal((await send("/api/status")).status, 200);
    assert.equal((await send("/api/status", { headers: { Host: "evil.example" } })).status, 403);
    const body = { name: "python3" };
    assert.equal(
      (await send("/api/kernels", { method: "POST", body, headers: { "X-XSRFToken": "" } })).status,
      403,
    );
    const foreign = {
      Origin: "http://evil.example",
      "Content-Type": "text/plain",
      Cookie: "",
      "X-XSRFToken": "",
    };
    const answered = await send("/api/kernels", { method: "POST", body, headers: foreign });
    assert.ok([403, 404].includes(answered.status), String(answered.status));
    const connection = await provider.dial(target, "jupyter", never);
    const socket = new WebSocket("ws://session.localhost/terminals/websocket/1", {
      createConnection: () => connection as never,
      origin: "http://evil.example",
    });
    const why = await new Promise<string>((resolve) => {
      socket.on("error", (error) => resolve(error.message));
      socket.on("open", () => resolve("open"));
    });
    assert.match(why, /40[34]/);
  });

  test("R32 a session that writes without end keeps a short log", async () => {
    const provider = await subject.open({ logMiB: 0.25 });
    const { target, handle } = await started(provider);
    const dial = () => provider.dial(target, "jupyter", never);
    await runPython(dial, "import os\nfor _ in range(64):\n    os.write(2, b'x' * 65535 + b'\\n')");
    await runPython(
      dial,
      "import subprocess\nsubprocess.run('head -c 3000000 /dev/zero > /proc/$PPID/fd/2', shell=True)",
    ).catch(() => {});
    const size = ["log", "log.1"]
      .map((name) => join(sessionFolder(handle), name))
      .reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0);
    assert.ok(size <= 256 * 1024 + 65_536, `the log has ${size} bytes`);
  });

  for (const prepared of [0, 1])
    test(`calls into the kernel that no session needs are refused, ${prepared > 0 ? "forked" : "started anew"}`, async () => {
      const provider = await subject.open({ prepared });
      if (prepared > 0) assert.ok(await provider.prepare({ path: environment ?? "" }));
      const { target } = await started(provider);
      const calls = refusedCalls();
      const code = `
import ctypes, errno, json, os
libc = ctypes.CDLL(None, use_errno=True)
answers = {}
for name, number in ${JSON.stringify(calls)}.items():
    libc.syscall(number, -1, 0, 0, 0, 0)
    answers[name] = errno.errorcode.get(ctypes.get_errno(), "done")
import socket
for family in (1, 2, 10, 16, 38, 40):
    try:
        socket.socket(family, socket.SOCK_RAW if family == 16 else socket.SOCK_STREAM if family != 38 else 5).close()
        answers[f"family {family}"] = "done"
    except OSError as error:
        answers[f"family {family}"] = errno.errorcode.get(error.errno)
answers["getpid"] = libc.syscall(${process.arch === "x64" ? 39 : 172}) == os.getpid()
modes = [open(f"/proc/{pid}/status").read().split("Seccomp:")[1].split()[0] for pid in os.listdir("/proc") if pid.isdigit() and pid != "1"]
print(json.dumps([answers, modes]))`;
      const [answers, modes] = JSON.parse(
        await runPython(() => provider.dial(target, "jupyter", never), code),
      );
      for (const name of Object.keys(calls)) assert.equal(answers[name], "EPERM", name);
      for (const family of [1, 2, 10, 16])
        assert.equal(answers[`family ${family}`], "done", `family ${family}`);
      for (const family of [38, 40]) assert.equal(answers[`family ${family}`], "EPERM", `family ${family}`);
      assert.equal(answers["getpid"], true);
      assert.deepEqual(new Set(modes), new Set(["2"]));
    });

  test("R24 no more sessions are taken on than the machine has room for", async () => {
    const provider = await subject.open({ maxMemoryMiB: 1600, maxCpus: 64, cpuOvercommit: 50 });
    const { kind, flavour, source } = await subject.spec();
    const fits = async () => (await provider.offers({ kind, flavour, source, folders: [] }, never)).fits;
    const others = await provider.observe(never)[Symbol.asyncIterator]().next();
    for (const seen of others.value.seen) await provider.terminate(seen, never);
    for (const seen of others.value.seen) await gone(provider, seen.handle);
    const specs = await Promise.all([1, 2, 3, 4].map(() => subject.spec()));
    const answers = await Promise.allSettled(specs.map((spec) => provider.launch(spec, never)));
    const refused = answers.flatMap((one) => (one.status === "rejected" ? [one.reason.refusal.code] : []));
    assert.deepEqual(refused, ["no-capacity", "no-capacity"]);
    assert.equal(await fits(), false);
    await Promise.all(
      specs.map((spec) => provider.terminate({ sessionId: spec.sessionId, handle: null }, never)),
    );
  });

  test("what cannot be started is refused with a code before anything is made", async () => {
    const provider = await subject.open();
    const spec = await subject.spec();
    const before = readdirSync(join(subject.stateFolder, "sessions"));
    const refusals: [string, object][] = [
      ["environment-unavailable", { source: { path: "/nonexistent" } }],
      ["launch-rejected", { kind: "desktop" }],
      ["launch-rejected", { sessionId: "../../etc" }],
      ["launch-rejected", { posix: { uid: 0, gid: 0, groups: [] } }],
      ["dataset-unreadable", { mounts: [{ source: "/nonexistent", target: "/data/x", readOnly: true }] }],
      ["too-large", { flavour: { ...spec.flavour, gpus: 1 } }],
    ];
    for (const [code, changes] of refusals)
      await assert.rejects(provider.launch({ ...spec, ...changes }, never), (error: Error) => {
        assert.equal((error as { refusal?: { code: string } }).refusal?.code, code);
        return true;
      });
    assert.deepEqual(readdirSync(join(subject.stateFolder, "sessions")), before);
  });

  test("R22 a portal that died between the order and the supervisor: asked again it starts, ended it never does", async () => {
    const provider = await subject.open();
    const folders = makeFolders(subject.stateFolder, subject.runFolder);
    const template = await started(provider);
    const order = JSON.parse(readFileSync(join(sessionFolder(template.handle), "order.json"), "utf8"));
    const half = async (): Promise<{
      spec: Awaited<ReturnType<typeof subject.spec>>;
      target: Target & { handle: string };
    }> => {
      const spec = await subject.spec();
      const handle = `${spec.sessionId}.1`;
      const socket = join(subject.runFolder, handle, "jupyter");
      const cgroups = order.cgroups.map((one: { folder: string }) => ({
        ...one,
        folder: one.folder.replace(template.handle, handle),
      }));
      assert.equal(
        await layDown(folders, handle, { ...order, sessionId: spec.sessionId, socket, cgroups }),
        true,
      );
      assert.equal(await layDown(folders, handle, order), false);
      return { spec, target: { sessionId: spec.sessionId, handle } };
    };
    const again = await half();
    await provider.launch(again.spec, never);
    assert.equal((await ask(await provider.dial(again.target, "jupyter", never), "/api/status")).status, 200);
    const ended = await half();
    await provider.terminate(ended.target, never);
    await gone(provider, ended.target.handle);
    assert.equal((await provider.launch(ended.spec, never)).handle, ended.target.handle);
    assert.ok(!existsSync(join(sessionFolder(ended.target.handle), "supervisor.json")));
  });

  test("what a crash left half made is removed, and ended sessions are forgotten in time", async () => {
    const provider = await subject.open();
    const { handle, target, send } = await started(provider);
    await send("/api/status");
    await provider.terminate(target, never);
    await gone(provider, handle);
    const end = join(sessionFolder(handle), "end.json");
    writeFileSync(end, JSON.stringify({ ...JSON.parse(readFileSync(end, "utf8")), at: 0 }));
    mkdirSync(join(subject.runFolder, `s-${"0".repeat(20)}.1`));
    await subject.open();
    const left = () =>
      [sessionFolder(handle), join(subject.runFolder, `s-${"0".repeat(20)}.1`)].filter(existsSync);
    for (let attempt = 0; left().length > 0 && attempt < 1500; attempt += 1) await sleep(20);
    assert.deepEqual(left(), []);
  });

  test("where bubblewrap is missing, sandboxed sessions are refused with a code and nothing else is pretended", {
    skip: root ? false : "only root can hide a program from a process",
  }, async () => {
    const script = `
        const { createLocalSubject } = await import(${JSON.stringify(join(import.meta.dirname, "subject.testing.ts"))});
        const { never } = await import(${JSON.stringify(join(import.meta.dirname, "../../../../../core/testing/index.ts"))});
        for (const isolation of ["auto", "sandbox"]) {
          const subject = await createLocalSubject(${JSON.stringify(environment)}, { isolation });
          const provider = await subject.open();
          const spec = await subject.spec();
          const offer = await provider.offers({ ...spec, folders: [] }, never);
          const launched = isolation === "auto" ? "" : await provider.launch(spec, never).catch((error) => error.message);
          console.log(JSON.stringify([provider.capabilities.isolation, offer.fits, offer.code ?? "", launched]));
          await subject.close();
        }`;
    const hidden = `mount --bind /dev/null "$(command -v bwrap)" && exec "$0" --disable-warning=ExperimentalWarning --input-type=module -e "$1"`;
    const { stdout } = await promisify(execFile)("unshare", [
      "-m",
      "sh",
      "-c",
      hidden,
      process.execPath,
      script,
    ]);
    const [auto, sandbox] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(auto, ["none", true, "", ""]);
    assert.deepEqual(sandbox.slice(0, 3), ["sandbox", false, "sandbox-unavailable"]);
    assert.match(sandbox[3], /bubblewrap is not installed/);
  });
});

describe("local without isolation", { skip }, async () => {
  const subject = await createLocalSubject(environment ?? "", { isolation: "none" });
  after(() => subject.close());

  test("it says so, sessions run with real paths, and an end leaves no process", async () => {
    const provider = await subject.open();
    assert.equal(provider.capabilities.isolation, "none");
    assert.equal(provider.capabilities.network, "open");
    const spec = await subject.spec();
    const { handle } = await provider.launch(spec, never);
    const target = { sessionId: spec.sessionId, handle };
    const dial = () => provider.dial(target, "jupyter", never);
    assert.equal((await ask(await dial(), "/api/status")).status, 200);
    const code =
      "import os, subprocess\nprint(subprocess.Popen(['setsid', 'sleep', '987654']).pid, os.getuid(), os.environ['HOME'])";
    const [pid, uid, home] = (await runPython(dial, code)).trim().split(" ");
    assert.equal(Number(uid), spec.posix.uid);
    assert.equal(home, spec.mounts[0]?.source);
    await provider.terminate(target, never);
    for (let attempt = 0; alive(Number(pid)) && attempt < 1500; attempt += 1) await sleep(20);
    assert.ok(!alive(Number(pid)), "a process that left its session's group lives on");
    for (let attempt = 0; existsSync(`/tmp/endstation-${handle}`) && attempt < 1500; attempt += 1)
      await sleep(20);
    assert.ok(!existsSync(`/tmp/endstation-${handle}`), "its folder of files is left");
  });
});
