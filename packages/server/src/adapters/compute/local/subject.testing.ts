import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ComputeProvider, Target } from "@endstation/core";
import { type ComputeSubject, never } from "@endstation/core/testing";
import { ask, runPython } from "../../../testing/jupyter.ts";
import { createSessionWorld, launcherFolder } from "../../../testing/session-world.ts";
import { typeInto } from "../../../testing/terminal.ts";
import {
  createLocalProvider,
  type LocalConfig,
  type LocalProvider,
  type LocalSite,
  localConfig,
} from "./index.ts";

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
  const world = createSessionWorld({ source: { path: environment } });
  const { folder } = world;
  const opened: LocalProvider[] = [];
  const stateFolder = join(folder, "state");
  const runFolder = join(folder, "run");
  const listener = await listen();
  const open = async (config: Partial<LocalConfig> = {}): Promise<LocalProvider> => {
    const provider = createLocalProvider({
      ...localConfig.parse({ graceSeconds: 2, cpuOvercommit: 50, prepared: 0, ...base, ...config }),
      name: "local",
      stateFolder,
      runFolder,
      launcherFolder,
      tunnels: noTunnels(folder),
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
    spec: async (changes) => world.spec(changes),
    ownerOf: async (spec, name) => world.ownerOf(spec, name),
    sleep: (milliseconds) => sleep(milliseconds),
    now: Date.now,
    greet: async (connection) => (await ask(connection, "/api/status")).body,
    type: typeInto,
    run: (provider, target, code) => runPython(() => patientDial(provider, target), code),
    killFromOutside: async (handle) => {
      process.kill(await pidFrom(join(stateFolder, "sessions", handle, "sandbox.json")), "SIGKILL");
    },
    close: async () => {
      await endAll(provider);
      for (const provider of opened) provider.close();
      listener.close();
      world.remove();
    },
  };
}

/** A session's way to a portal that nobody answers. */
export function noTunnels(below: string): LocalSite["tunnels"] {
  const folder = join(below, "tunnel");
  mkdirSync(folder, { recursive: true });
  return { folder, ticket: async () => "{}", revoke: async () => {} };
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
