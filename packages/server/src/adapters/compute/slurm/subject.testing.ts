import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { LaunchSpec, Seen, Target } from "@endstation/core";
import { type ComputeSubject, type EngineUnderTest, never, type SpecChanges } from "@endstation/core/testing";
import { ask, runPython } from "../../../testing/jupyter.ts";
import { createSessionWorld, launcherFolder } from "../../../testing/session-world.ts";
import { typeInto } from "../../../testing/terminal.ts";
import type { Provider } from "../../../transports/provider.ts";
import type { Sshd } from "../../../transports/testing/sshd.ts";
import { createTunnels, type Tunnels } from "../../../transports/tunnel/index.ts";
import { memoryKeys } from "../../../transports/tunnel/testing/memory-keys.ts";
import {
  cut,
  jobsNamed,
  processesWith,
  type SlurmEngine,
  sleeper,
  slurmCommand,
  slurmScript,
  until,
} from "./engine.testing.ts";
import { createSlurmProvider, type SlurmConfig, slurmConfig } from "./index.ts";
import { jobNameOf, startOf } from "./names.ts";

export interface SlurmSubject extends ComputeSubject<Duplex> {
  readonly engine: EngineUnderTest;
  readonly cluster: SlurmEngine;
  readonly provider: Provider;
  readonly tunnels: Tunnels;
  /** Where sessions' folders are. */
  readonly folder: string;
  readonly stateFolder: string;
  open(config?: Partial<SlurmConfig>): Promise<Provider>;
  folderOf(handle: string): string;
  close(): Promise<void>;
}

/** How Slurm is asked: by its REST interface, by its command line here, or by that at the end of ssh. */
export const ways = {
  rest: (cluster: SlurmEngine) => ({
    as: "token",
    rest: { url: "http://localhost", socket: cluster.restSocket, keyFile: join(cluster.conf, "../jwt.key") },
  }),
  commands: () => ({ as: "sudo" }),
  ssh: (_: SlurmEngine, sshd: Sshd | null) => {
    const { host, port, identityFile, knownHostsFile } = sshd as Sshd;
    return { as: "sudo", ssh: { host, port, identityFile, knownHostsFile, operator: "espi" } };
  },
};

export type Way = keyof typeof ways;

export interface SubjectOptions {
  readonly cluster: SlurmEngine;
  readonly environment: string;
  readonly way: Way;
  /** For `ssh`. */
  readonly sshd?: Sshd;
  readonly config?: object;
}

/** Flavours whose names say what the cluster cannot do. */
const flavours = {
  nowhere: { partition: "nowhere" },
  unreserved: { reservation: "nowhere" },
  endless: { minutes: 100_000 },
};

/** A portal of its own on the cluster for a test: folders, two people, data, tunnels, and providers over them. */
export async function createSlurmSubject({
  cluster,
  environment,
  way,
  sshd,
  config = {},
}: SubjectOptions): Promise<SlurmSubject> {
  const people = cluster.users.map(({ uid }) => ({ uid, gid: uid, groups: [] }));
  const [one, two] = people as [(typeof people)[0], (typeof people)[0]];
  const world = createSessionWorld({ source: { path: environment }, people: { one, two } });
  const folder = mkdtempSync(join(cluster.shared, "est-"));
  chmodSync(folder, 0o1777);
  const stateFolder = join(world.folder, "state");
  const listener = createServer((socket) => socket.end())
    .listen(0, "127.0.0.1")
    .unref();
  await once(listener, "listening");
  const log = { info: () => {}, debug: () => {}, warn: () => {} };
  const tunnels = await createTunnels({
    secret: randomBytes(32),
    keys: memoryKeys(),
    folder: join(world.folder, "tunnel"),
    folderInside: "/run/session/portal",
    network: {
      host: "127.0.0.1",
      port: 0,
      address: "127.0.0.1",
      certificateFolder: join(world.folder, "certificate"),
    },
    log,
  });
  const site = {
    name: "slurm",
    stateFolder,
    runFolder: join(world.folder, "run"),
    launcherFolder,
    tunnels,
    clock: { now: Date.now },
    log,
  };
  const usual = {
    ...ways[way](cluster, sshd ?? null),
    ...{ commands: cluster.bin, conf: cluster.conf, folder, lifetimeMinutes: 60, keepEndedHours: 1 },
    ...{ job: { partition: "debug" }, flavours },
  };
  const opened: Provider[] = [];
  const open = async (changes: Partial<SlurmConfig> = {}) => {
    const provider = createSlurmProvider(slurmConfig.parse({ ...usual, ...config, ...changes }), site);
    opened.push(provider);
    return provider;
  };
  const provider = await open();
  const folderOf = (handle: string) => join(folder, handle);
  const inside = (target: Target, code: string) =>
    runPython(() => provider.dial(target, "jupyter", never), code);
  return {
    provider,
    cluster,
    tunnels,
    folder,
    stateFolder,
    folderOf,
    open,
    hidden: [stateFolder, "/etc/shadow", join(cluster.conf, ".."), join(world.folder, "certificate")],
    openPort: (listener.address() as { port: number }).port,
    spec: async (changes) => world.spec(changes),
    ownerOf: async (spec, name) => world.ownerOf(spec, name),
    sleep: (milliseconds) => sleep(milliseconds),
    now: Date.now,
    greet: async (connection) => (await ask(connection, "/api/status")).body,
    type: typeInto,
    run: (over, target, code) => runPython(() => over.dial(target, "jupyter", never), code),
    killFromOutside: async (handle) => {
      const launchers = () => processesWith("launcher.pyz", "--tunnel", folderOf(handle));
      // Slurm says that a job runs a moment before its script does.
      await until(`the launcher of ${handle}`, async () => launchers().length > 0);
      for (const launcher of launchers()) process.kill(launcher, "SIGKILL");
    },
    engine: engineOf(cluster, tunnels, inside),
    close: async () => {
      const ended = await endAll(provider).catch((error: unknown) => error);
      for (const one of opened) await one.close();
      await tunnels.close();
      listener.close();
      rmSync(folder, { recursive: true, force: true });
      world.remove();
      if (ended instanceof Error) throw ended;
    },
  };
}

function engineOf(
  cluster: SlurmEngine,
  tunnels: Tunnels,
  inside: (target: Target, code: string) => Promise<string>,
): EngineUnderTest {
  const command = (words: string, as?: string) => slurmCommand(cluster, words.split(" "), as);
  const jobOf = async (handle: string) => (await jobsNamed(cluster, jobNameOf(startOf(handle) as never)))[0];
  return {
    cut: () => cut(cluster),
    mend: () => slurmScript(cluster, "revive"),
    calls: async () => {
      const told = await command("sdiag");
      return [...told.matchAll(/REQUEST_JOB_INFO\w*\s*\(\s*\d+\)\s*count:(\d+)/g)].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      );
    },
    crowd: async (count) => {
      const one = "sbatch --parsable -p closed -o /dev/null -D / --export=PATH=/bin --wrap true >/dev/null";
      await slurmCommand(
        cluster,
        ["bash", "-c", `seq ${count} | xargs -P 4 -I{} ${one.replace(" >/dev/null", "")} >/dev/null`],
        "esother",
      );
      return async () => void (await command("scancel -u esother -p closed"));
    },
    fill: async () => {
      const job = await sleeper(cluster, ["-p", "debug", "-c", "16", "--mem=100"]);
      await job.runs();
      return job.end;
    },
    readableOf: async (handle) => {
      const told = [
        `scontrol show job ${await jobOf(handle)}`,
        "squeue --all --format=%all",
        "ps -eo args -ww",
      ];
      const printed = await Promise.all(told.map((words) => command(words, "esother")));
      return printed.join("\n");
    },
    secretsOf: async (spec: LaunchSpec) => [JSON.parse(await tunnels.ticket(spec, "network")).key],
    ends: [
      {
        what: "its time limit",
        code: "time-limit",
        bring: async (handle) =>
          void (await command(`scontrol update jobid=${await jobOf(handle)} EndTime=now+1`)),
      },
      {
        what: "an operator cancels it",
        code: "killed",
        bring: async (handle) => void (await command(`scancel ${await jobOf(handle)}`)),
      },
      { what: "its node fails", code: "killed", bring: () => failNode(cluster) },
      { what: "another job takes its place", code: "preempted", bring: (handle) => preempt(cluster, handle) },
      {
        what: "memory",
        code: "out-of-memory",
        changes: { flavour: { memoryMiB: 512 } },
        bring: async (handle) => {
          const { sessionId } = startOf(handle) as { sessionId: string };
          await inside({ sessionId, handle }, takeAllMemory).catch(() => {});
        },
      },
    ],
    impossible: [
      {
        what: "more memory than any node has",
        code: "too-large",
        changes: { flavour: { memoryMiB: 100_000 } },
      },
      { what: "more processors than any node has", code: "too-large", changes: { flavour: { cpus: 17 } } },
      { what: "longer than its partition runs jobs", code: "too-large", changes: flavourNamed("endless") },
      { what: "a partition that is not there", code: "launch-rejected", changes: flavourNamed("nowhere") },
      {
        what: "a reservation that is not there",
        code: "launch-rejected",
        changes: flavourNamed("unreserved"),
      },
      { what: "an environment without a source", code: "environment-unavailable", changes: { source: {} } },
    ],
  };
}

function flavourNamed(name: string): SpecChanges {
  return { flavour: { name } };
}

async function failNode(cluster: SlurmEngine): Promise<void> {
  await slurmCommand(cluster, ["scontrol", "update", "nodename=n1", "state=down", "reason=test"]);
  await until("n1 is back", async () => {
    // Refused where the node has come back by itself.
    await slurmCommand(cluster, ["scontrol", "update", "nodename=n1", "state=resume"]).catch(() => {});
    return /^(idle|mixed|allocated)$/.test(
      (await slurmCommand(cluster, ["sinfo", "-h", "-n", "n1", "-p", "debug", "-o", "%T"])).trim(),
    );
  });
}

async function preempt(cluster: SlurmEngine, handle: string): Promise<void> {
  const urgent = await sleeper(cluster, ["-p", "urgent", "-w", "n1", "-c", "16", "--mem=100"]);
  const name = jobNameOf(startOf(handle) as never);
  await until("it is preempted", async () => (await jobsNamed(cluster, name)).length === 0);
  await urgent.end();
}

/** Files in memory that no process's end gives back, then memory: every process of the session is killed in turn. */
const takeAllMemory = `
chunk = b"x" * (4 * 1024 * 1024)
for folder in ("/dev/shm", "/tmp"):
    with open(folder + "/full", "wb") as file:
        try:
            while True:
                file.write(chunk)
        except OSError:
            pass
taken = [bytearray(b"x") * (8 * 1024 * 1024) for _ in range(128)]`;

async function endAll(provider: Provider): Promise<void> {
  await until(
    "all sessions have ended",
    async () => {
      const alive = (await listOf(provider)).filter((seen) => seen.observation.state !== "gone");
      await Promise.all(alive.map((seen) => provider.terminate(seen, never)));
      return alive.length === 0;
    },
    300,
  );
}

async function listOf(provider: Provider): Promise<readonly Seen[]> {
  for await (const sighting of provider.observe(AbortSignal.timeout(300_000)))
    if (sighting.type === "all") return sighting.seen;
  throw new Error("observe ended without a list");
}

/** What a provider tells of a session in a full list; undefined: it lists none. */
export async function seenOf(provider: Provider, handle: string): Promise<Seen | undefined> {
  return (await listOf(provider)).find((seen) => seen.handle === handle);
}

/** Waits until a session is seen as the test wants it. */
export async function untilSeen(
  provider: Provider,
  handle: string,
  holds: (seen: Seen | undefined) => boolean,
): Promise<Seen | undefined> {
  const last: { seen?: Seen | undefined } = {};
  await until(`${handle} is seen so`, async () => {
    last.seen = await seenOf(provider, handle);
    return holds(last.seen);
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(last.seen)}`);
  });
  return last.seen;
}
