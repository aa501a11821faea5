import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { EnvironmentSource, Observation, Seen } from "@endstation/core";
import { type ComputeSubject, type EngineUnderTest, never } from "@endstation/core/testing";
import { ask, runPython } from "../../../testing/jupyter.ts";
import { createSessionWorld, launcherFolder, type SessionWorld } from "../../../testing/session-world.ts";
import { typeInto } from "../../../testing/terminal.ts";
import type { Provider } from "../../../transports/provider.ts";
import { createTunnels, type Tunnels } from "../../../transports/tunnel/index.ts";
import { memoryKeys } from "../../../transports/tunnel/testing/memory-keys.ts";
import {
  claim,
  createTestCluster,
  crowd,
  fill,
  type KubernetesSettings,
  type TestCluster,
} from "./cluster.testing.ts";
import { createKubernetesProvider, type KubernetesConfig, kubernetesConfig } from "./index.ts";
import { ownerOf } from "./names.ts";

/** A portal of its own beside a cluster: a namespace with the chart's rights, people, data, and providers over them. */
export interface KubernetesSubject extends ComputeSubject<Duplex> {
  readonly provider: Provider;
  readonly engine: EngineUnderTest;
  readonly cluster: TestCluster;
  readonly world: SessionWorld;
  readonly tunnels: Tunnels;
  /** What its pods are marked with. */
  readonly owner: string;
  open(config?: Partial<KubernetesConfig>): Promise<Provider>;
  close(): Promise<void>;
}

export async function createKubernetesSubject(
  settings: KubernetesSettings,
  base: Partial<KubernetesConfig> = {},
): Promise<KubernetesSubject> {
  const image = settings.images["nexus"] ?? "";
  const world = createSessionWorld({ source: { image } });
  const cluster = await createTestCluster(settings, world.folder);
  const tunnels = await tunnelsFor(settings, world.folder);
  const opened: Provider[] = [];
  const stateFolder = join(world.folder, "state");
  const open = async (config: Partial<KubernetesConfig> = {}): Promise<Provider> => {
    const own = {
      kubeconfig: cluster.kubeconfig,
      namespace: cluster.namespace,
      claims: [{ here: world.folder, claim }],
      graceSeconds: 2,
      ...base,
      ...config,
    };
    const log = { info: () => {}, warn: () => {}, debug: () => {} };
    const given = { name: "kubernetes", stateFolder, runFolder: null, launcherFolder, tunnels, log };
    const provider = createKubernetesProvider(kubernetesConfig.parse(own), {
      ...given,
      clock: { now: Date.now },
    });
    opened.push(provider);
    return provider;
  };
  return {
    provider: await open(),
    open,
    cluster,
    world,
    tunnels,
    owner: ownerOf(`${stateFolder} kubernetes`),
    engine: engineUnderTest(cluster, tunnels),
    hidden: [stateFolder, cluster.kubeconfig, settings.kubeconfig, "/var/run/secrets", "/run/secrets"],
    // Several at once are to fit on a node with two processors.
    spec: async (changes = {}) => world.spec({ ...changes, flavour: { cpus: 0.5, ...changes.flavour } }),
    ownerOf: async (spec, name) => world.ownerOf(spec, name),
    sleep: (milliseconds) => sleep(milliseconds),
    now: Date.now,
    greet: async (connection) => (await ask(connection, "/api/status")).body,
    type: typeInto,
    run: (provider, target, code) => runPython(() => provider.dial(target, "jupyter", never), code),
    killFromOutside: async (handle) =>
      void (await cluster.kubectl(["delete", "pod", handle, "--wait=false"])),
    close: async () => {
      for (const provider of opened) await provider.close();
      await cluster.close();
      await tunnels.close();
      world.remove();
    },
  };
}

function tunnelsFor({ hostAddress }: KubernetesSettings, folder: string): Promise<Tunnels> {
  return createTunnels({
    secret: randomBytes(32),
    keys: memoryKeys(),
    folder: join(folder, "tunnel"),
    folderInside: "/nowhere",
    network: {
      host: hostAddress,
      port: 0,
      address: hostAddress,
      certificateFolder: join(folder, "certificate"),
    },
    log: { warn: () => {} },
  });
}

const fillMemory = `
chunk = b"x" * (1024 * 1024)
for folder in ("/dev/shm", "/tmp"):
    with open(folder + "/full", "wb") as file:
        try:
            while True:
                file.write(chunk)
        except OSError:
            pass
while True:
    open("/dev/null").read()
    chunk += chunk
`;

function engineUnderTest(cluster: TestCluster, tunnels: Tunnels): EngineUnderTest {
  const { settings, namespace, kubectl, script } = cluster;
  const python = "/opt/endstation/environment/bin/python";
  const calls = countCalls(settings);
  return {
    cut: () => script("kill", "kube-apiserver"),
    mend: () => script("revive"),
    calls: async () => calls(),
    crowd: (count) => crowd(cluster, count),
    fill: (flavour) => fill(cluster, flavour),
    readableOf: async (handle) => {
      const ofPod = ["--field-selector", `involvedObject.name=${handle}`];
      const { stdout } = await promisify(execFile)("ps", ["axwwo", "args"], { maxBuffer: 1e8 });
      return [
        await kubectl(["get", "pod", handle, "-o", "yaml"]),
        await kubectl(["describe", "pod", handle]),
        await kubectl(["get", "events", "-o", "yaml", ...ofPod]),
        await kubectl(["logs", handle]),
        stdout,
      ].join("\n");
    },
    secretsOf: async (spec) => [(JSON.parse(await tunnels.ticket(spec, "network")) as { key: string }).key],
    ends: [
      {
        what: "out of memory",
        code: "out-of-memory",
        changes: { flavour: { memoryMiB: 512 } },
        bring: async (handle) =>
          void (await kubectl(["exec", handle, "--", python, "-c", fillMemory]).catch(() => {})),
      },
      {
        what: "evicted from its node",
        code: "preempted",
        bring: async (handle) => {
          const path = `/api/v1/namespaces/${namespace}/pods/${handle}/eviction`;
          const metadata = { name: handle, namespace };
          const body = { apiVersion: "policy/v1", kind: "Eviction", metadata };
          await kubectl(["create", "--raw", path, "-f", "-"], body);
        },
      },
      {
        what: "past its deadline",
        code: "time-limit",
        bring: async (handle) =>
          void (await kubectl(["patch", "pod", handle, "-p", '{"spec":{"activeDeadlineSeconds":1}}'])),
      },
      {
        what: "deleted by somebody at once",
        code: "killed",
        bring: async (handle) =>
          void (await kubectl(["delete", "pod", handle, "--grace-period=0", "--force", "--wait=false"])),
      },
    ],
    impossible: impossible(settings),
  };
}

function impossible(settings: KubernetesSettings): NonNullable<EngineUnderTest["impossible"]> {
  const unavailable = (what: string, source: EnvironmentSource) => ({
    what,
    code: "environment-unavailable" as const,
    changes: { source },
  });
  const none = `${settings.tiny.split("@")[0]}@sha256:${"0".repeat(64)}`;
  return [
    unavailable("there is no such image", { image: none }),
    unavailable("an image's name is no name", { image: "Not A Name" }),
    unavailable("an image without an environment", { image: settings.tiny }),
    unavailable("it has no source of ours", { module: "nexus" }),
    { what: "it is larger than every node", code: "too-large", changes: { flavour: { cpus: 4096 } } },
    { what: "no node has a graphics processor", code: "too-large", changes: { flavour: { gpus: 1 } } },
  ];
}

/** Requests that this process has made of the API server. */
function countCalls({ nodeAddress }: KubernetesSettings): () => number {
  let count = 0;
  subscribe("undici:request:create", (message) => {
    const { origin } = (message as { request: { origin: string | URL } }).request;
    if (String(origin).includes(nodeAddress)) count += 1;
  });
  return () => count;
}

export async function listOf(provider: Provider): Promise<readonly Seen[]> {
  for await (const sighting of provider.observe(never)) return sighting.type === "all" ? sighting.seen : [];
  return [];
}

/** Looks until there is something; after two minutes nothing will come any more. */
export async function eventually<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  for (const until = performance.now() + 120_000; performance.now() < until; await sleep(100)) {
    const found = await look();
    if (found !== null) return found;
  }
  throw new Error(`${what}: not within two minutes`);
}

/** Waits until a session is seen so; what is no longer listed is gone. */
export async function seenAs(
  provider: Provider,
  handle: string,
  state: Observation["state"],
): Promise<Observation | undefined> {
  for await (const sighting of provider.observe(AbortSignal.timeout(120_000))) {
    const seen = sighting.type === "all" ? sighting.seen : [sighting.seen];
    const found = seen.find((one) => one.handle === handle)?.observation;
    if (found?.state === state) return found;
    if (found === undefined && sighting.type === "all" && state === "gone") return found;
  }
  throw new Error(`${handle} was not seen ${state} within two minutes`);
}
