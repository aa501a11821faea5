import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ComputeProvider, LaunchSpec, PosixAccount, Target } from "@endstation/core";
import { type ComputeSubject, never, type SpecChanges } from "@endstation/core/testing";
import { createLocalProvider, type LocalConfig, type LocalProvider, localConfig } from "./index.ts";
import { ask, runPython } from "./jupyter.testing.ts";

const root = process.getuid?.() === 0;
export const launcherFolder: string = join(import.meta.dirname, "../../../../../../extensions/session");

/** The newest built environment that begins with this name; null when none was built on this machine. */
export function builtEnvironment(name: string): string | null {
  const state = root ? "/var/lib/endstation" : join(homedir(), ".local/state/endstation");
  for (const software of [
    process.env["ENDSTATION_SOFTWARE"],
    join(state, "software"),
    "/var/lib/endstation/software",
  ]) {
    const folder = join(software ?? "/nonexistent", "environments");
    if (!existsSync(folder)) continue;
    const found = readdirSync(folder)
      .filter((one) => one.startsWith(`${name}-`) && existsSync(join(folder, one, "share/jupyter")))
      .sort((a, b) => statSync(join(folder, a)).mtimeMs - statSync(join(folder, b)).mtimeMs);
    const newest = found.at(-1);
    if (newest !== undefined) return join(folder, newest);
  }
  return null;
}

/** A machine of its own for a test: folders, people, data, and providers over them. */
export interface LocalSubject extends ComputeSubject<Duplex> {
  readonly provider: LocalProvider;
  open(config?: Partial<LocalConfig>): Promise<LocalProvider>;
  readonly folder: string;
  readonly stateFolder: string;
  readonly runFolder: string;
  close(): Promise<void>;
}

export async function createLocalSubject(
  environment: string,
  base: Partial<LocalConfig> = {},
): Promise<LocalSubject> {
  const folder = mkdtempSync(join(tmpdir(), "est-local-"));
  chmodSync(folder, 0o711);
  const opened: LocalProvider[] = [];
  const stateFolder = join(folder, "state");
  const runFolder = join(folder, "run");
  const data = makeData(folder);
  const listener = await listen();
  const open = async (config: Partial<LocalConfig> = {}): Promise<LocalProvider> => {
    const provider = createLocalProvider({
      ...localConfig.parse({ graceSeconds: 2, cpuOvercommit: 50, prepared: 0, ...base, ...config }),
      name: "local",
      stateFolder,
      runFolder,
      launcherFolder,
      clock: { now: Date.now },
    });
    opened.push(provider);
    return provider;
  };
  const provider = await open();
  if (base.prepared !== undefined && !(await provider.prepare({ path: environment })))
    throw new Error(`${environment} cannot be prepared: ${stateFolder}/prepared.log`);
  return {
    provider,
    folder,
    stateFolder,
    runFolder,
    hidden: [stateFolder, runFolder, "/etc/shadow"],
    openPort: (listener.address() as { port: number }).port,
    open,
    spec: async (changes = {}) => specOf(folder, data, environment, changes),
    sleep: (milliseconds) => sleep(milliseconds),
    now: Date.now,
    greet: async (connection) => (await ask(connection, "/api/status")).body,
    run: (provider, target, code) => runPython(() => patientDial(provider, target), code),
    killFromOutside: async (handle) => {
      process.kill(await pidFrom(join(stateFolder, "sessions", handle, "sandbox.json")), "SIGKILL");
    },
    close: async () => {
      await endAll(provider);
      for (const provider of opened) provider.close();
      listener.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function patientDial(provider: ComputeProvider<Duplex>, target: Target): Promise<Duplex> {
  return provider.dial(target, "jupyter", never);
}

async function endAll(provider: LocalProvider): Promise<void> {
  const stop = new AbortController();
  for await (const sighting of provider.observe(stop.signal)) {
    const all = sighting.type === "all" ? sighting.seen : [];
    const running = all.filter((seen) => seen.observation.state !== "gone");
    await Promise.all(running.map((seen) => provider.terminate(seen, never)));
    if (running.length === 0) stop.abort();
    else break;
  }
  if (stop.signal.aborted) return;
  await sleep(200);
  return endAll(provider);
}

/** The process that a file of a session's folder names, as soon as it does. */
export async function pidFrom(file: string): Promise<number> {
  for (let attempt = 0; ; attempt += 1) {
    const text = await readFile(file, "utf8").catch(() => null);
    if (text !== null) return (JSON.parse(text) as { pid: number }).pid;
    if (attempt > 2000) throw new Error(`${file} was not written`);
    await sleep(10);
  }
}

/** Something on the machine's loopback address that a session must not reach. */
async function listen(): Promise<Server> {
  const server = createServer((socket) => socket.end())
    .listen(0, "127.0.0.1")
    .unref();
  await once(server, "listening");
  return server;
}

function makeData(folder: string): string {
  const data = join(folder, "archive/sample");
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, "counts.dat"), "1 2 3\n");
  chmodSync(join(data, "counts.dat"), 0o666); // what keeps it from being changed is the mount alone
  chmodSync(data, 0o777);
  return data;
}

function personOf(person: "one" | "two"): PosixAccount {
  if (!root) return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: [] };
  return person === "one"
    ? { uid: 61_001, gid: 62_001, groups: [63_001] }
    : { uid: 61_002, gid: 62_002, groups: [] };
}

function ownFolder(path: string, { uid, gid }: PosixAccount, mode: number): string {
  mkdirSync(path, { recursive: true });
  if (root) chownSync(path, uid, gid);
  chmodSync(path, mode);
  return path;
}

function specOf(folder: string, data: string, environment: string, changes: SpecChanges): LaunchSpec {
  const { person = "one", attempt = 1, flavour, source = { path: environment } } = changes;
  const sessionId = changes.sessionId ?? `s-${randomBytes(10).toString("hex")}`;
  const posix = personOf(person);
  const home = ownFolder(join(folder, `homes-${person}`), posix, 0o700);
  const results = ownFolder(join(folder, `results-${person}`), root ? { ...posix, uid: 0 } : posix, 0o2770);
  return {
    sessionId,
    attempt,
    kind: "jupyter",
    endpoints: changes.endpoints ?? ["jupyter"],
    posix,
    source,
    flavour: { name: "test", title: "Test", cpus: 1, memoryMiB: 768, processes: 200, gpus: 0, ...flavour },
    mounts: [
      { source: home, target: "/home/user", readOnly: false },
      { source: results, target: "/results", readOnly: false },
      { source: data, target: "/data/sample", readOnly: true },
    ],
    document: {
      session: { id: sessionId, name: "a test", kind: "jupyter", attempt },
      owner: { account: person, name: `Person ${person}` },
      proposal: "p-1",
      environment: "nexus",
      datasets: [{ id: "sample", title: "A sample", path: "/data/sample", files: ["counts.dat"] }],
      notebook: "look-at-a-file.ipynb",
      parameters: {},
    },
  };
}
