import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { EnvironmentSource, LaunchSpec, PosixAccount, Seen } from "@endstation/core";
import { type ComputeSubject, type EngineUnderTest, never } from "@endstation/core/testing";
import { ask, runPython } from "../../../testing/jupyter.ts";
import { createSessionWorld, launcherFolder } from "../../../testing/session-world.ts";
import { typeInto } from "../../../testing/terminal.ts";
import type { Provider } from "../../../transports/provider.ts";
import { createTunnels, type Tunnels } from "../../../transports/tunnel/index.ts";
import { memoryKeys } from "../../../transports/tunnel/testing/memory-keys.ts";
import { accountInside, type Remap } from "./accounts.ts";
import { countCalls, type DockerSettings, type Operator, operatorOf } from "./engine.testing.ts";
import { createDockerProvider, type DockerConfig, dockerConfig } from "./index.ts";
import { createTestRegistry, type TestRegistry } from "./registry.testing.ts";

/** A portal of its own beside an engine: folders, people, data, and providers over them. */
export interface DockerSubject extends ComputeSubject<Duplex> {
  readonly provider: Provider;
  readonly engine: EngineUnderTest;
  open(config?: Partial<DockerConfig>): Promise<Provider>;
  readonly operator: Operator;
  readonly tunnels: Tunnels;
  readonly folder: string;
  readonly stateFolder: string;
  close(): Promise<void>;
}

export interface SubjectOptions {
  readonly source?: EnvironmentSource;
  readonly config?: Partial<DockerConfig>;
  readonly people?: Readonly<Record<"one" | "two", PosixAccount>>;
}

export async function createDockerSubject(
  settings: DockerSettings,
  options: SubjectOptions = {},
): Promise<DockerSubject> {
  const registry = options.source === undefined ? await createTestRegistry({ on: nexusOf(settings) }) : null;
  const source = options.source ?? { image: registry?.image ?? "" };
  const world = createSessionWorld({
    source,
    ...(options.people === undefined ? {} : { people: options.people }),
  });
  const operator = operatorOf(settings);
  const stateFolder = join(world.folder, "state");
  const tunnelFolder = join(world.folder, "tunnel");
  const log = { info: () => {}, warn: () => {}, debug: () => {} };
  const tunnels = await createTunnels({
    secret: randomBytes(32),
    keys: memoryKeys(),
    folder: tunnelFolder,
    folderInside: "/run/session/portal",
    network: null,
    log,
  });
  const opened: Provider[] = [];
  const open = async (config: Partial<DockerConfig> = {}): Promise<Provider> => {
    const own = { socket: settings.socket, graceSeconds: 2, cpuOvercommit: 50, ...options.config, ...config };
    const given = { name: "docker", stateFolder, runFolder: null, launcherFolder, tunnels };
    const provider = createDockerProvider(dockerConfig.parse(own), {
      ...given,
      clock: { now: Date.now },
      log,
    });
    opened.push(provider);
    return provider;
  };
  const provider = await open();
  const listener = createServer((socket) => socket.end())
    .listen(0, "127.0.0.1")
    .unref();
  await once(listener, "listening");
  return {
    provider,
    open,
    operator,
    tunnels,
    folder: world.folder,
    stateFolder,
    hidden: [stateFolder, tunnelFolder, settings.socket, "/var/run/docker.sock"],
    openPort: (listener.address() as { port: number }).port,
    engine: engineUnderTest(settings, operator, tunnels, registry),
    spec: async (changes) => world.spec(changes),
    insideAs: (account) => accountInside(account, remapIn(settings)),
    ownerOf: async (spec, name) => world.ownerOf(spec, name),
    sleep: (milliseconds) => sleep(milliseconds),
    now: Date.now,
    greet: async (connection) => (await ask(connection, "/api/status")).body,
    type: typeInto,
    run: (provider, target, code) => runPython(() => provider.dial(target, "jupyter", never), code),
    killFromOutside: async (handle) => void (await operator.call("POST", `/containers/${handle}/kill`)),
    close: async () => {
      for (const { handle } of await listOf(await open()))
        await operator.call("DELETE", `/containers/${handle}?force=1&v=1`).catch(() => {});
      for (const one of opened) await one.close();
      await registry?.close();
      for (const image of [registry?.image].filter((one) => one !== undefined))
        await operator.call("DELETE", `/images/${image}?force=1`).catch(() => {});
      await tunnels.close();
      await operator.close();
      listener.close();
      world.remove();
    },
  };
}

function remapIn({ remap }: DockerSettings): Remap | null {
  return remap === undefined ? null : { users: remap, groups: remap };
}

function engineUnderTest(
  settings: DockerSettings,
  operator: Operator,
  tunnels: Tunnels,
  images: TestRegistry | null,
): EngineUnderTest {
  const calls = countCalls();
  const { registry } = settings;
  return {
    cut: () => operator.script("kill", "dockerd"),
    mend: () => operator.script("revive"),
    calls: async () => calls(),
    crowd: async (count) => {
      const names = await operator.crowd(count, { "org.endstation.owner": "somebody-else" });
      return () => operator.removeAll(names);
    },
    ...(images === null ? {} : { fill: () => makeSlow(operator, images) }),
    readableOf: async (handle) => {
      const inspected = await operator.call("GET", `/containers/${handle}/json`);
      const top = await operator.call("GET", `/containers/${handle}/top?ps_args=axwwo%20pid,args`);
      const { stdout } = await promisify(execFile)("ps", ["axwwo", "args"], { maxBuffer: 1e8 });
      return JSON.stringify([inspected, top, stdout]);
    },
    secretsOf: async (spec) => [await keyOf(tunnels, spec)],
    ends: [
      {
        what: "an operator stops its container",
        code: "killed",
        bring: async (handle) => void (await operator.call("POST", `/containers/${handle}/stop?t=0`)),
      },
    ],
    impossible: [
      {
        what: "there is no such image",
        code: "environment-unavailable",
        changes: { source: { image: `${registry}/endstation/none@sha256:${"0".repeat(64)}` } },
      },
      {
        what: "an image that no digest fixes",
        code: "environment-unavailable",
        changes: { source: { image: `${registry}/endstation/nexus:latest` } },
      },
      {
        what: "an image that does not say where its environment is",
        code: "environment-unavailable",
        changes: { source: { image: settings.tiny } },
      },
      {
        what: "it has no source of ours",
        code: "environment-unavailable",
        changes: { source: { module: "nexus" } },
      },
      { what: "it is larger than the machine", code: "too-large", changes: { flavour: { cpus: 4096 } } },
      { what: "no GPU is declared", code: "too-large", changes: { flavour: { gpus: 1 } } },
    ],
  };
}

/** The engine has no queue but that for images: it loses ours, and the registry does not answer. */
async function makeSlow(operator: Operator, { image, hold, release }: TestRegistry) {
  hold();
  await operator.call("DELETE", `/images/${image}?force=1`);
  return async () => release();
}

export async function keyOf(tunnels: Tunnels, spec: LaunchSpec): Promise<string> {
  return (JSON.parse(await tunnels.ticket(spec, "folder")) as { key: string }).key;
}

export function nexusOf({ images }: DockerSettings): string {
  const { nexus } = images;
  if (nexus === undefined) throw new Error("the engine's registry has no image of the environment nexus");
  return nexus;
}

export async function listOf(provider: Provider): Promise<readonly Seen[]> {
  for await (const sighting of provider.observe(never)) return sighting.type === "all" ? sighting.seen : [];
  return [];
}
