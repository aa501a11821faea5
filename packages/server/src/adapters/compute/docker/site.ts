import { readFile, stat } from "node:fs/promises";
import { Rejected } from "@endstation/core";
import pLimit, { type LimitFunction } from "p-limit";
import { seenThere } from "../../../transports/paths.ts";
import type { ComputeSite } from "../../../transports/provider.ts";
import { type Remap, remapOf } from "./accounts.ts";
import { Engine } from "./client.ts";
import type { DockerConfig } from "./config.ts";
import { ownerOf, registryOf } from "./names.ts";
import type { Capacity } from "./offers.ts";
import { Records } from "./records.ts";
import { credentials, type EngineInfo } from "./schema.ts";

/** What every part of the provider works with. */
export interface Site extends ComputeSite {
  readonly config: DockerConfig;
  readonly owner: string;
  readonly engine: Engine;
  readonly records: Records;
  /** Many starts at once take the engine longer than anybody waits for an answer; so they take turns. */
  readonly fewAtOnce: LimitFunction;
  /** What there is and who is who; asked of the engine at most once a minute. */
  machine(): Promise<Machine>;
}

export interface Machine {
  readonly capacity: Capacity;
  readonly remap: Remap | null;
}

const MiB = 1024 * 1024;
const minute = 60_000;
const startsAtOnce = 8;

export function createSite(config: DockerConfig, given: ComputeSite): Site {
  const owner = ownerOf(given.stateFolder);
  const engine = new Engine(config.socket, owner);
  return {
    ...given,
    config,
    owner,
    engine,
    records: new Records(given.stateFolder, owner),
    fewAtOnce: pLimit(startsAtOnce),
    machine: atMostEvery(minute, async () => machineOf(config, await engine.info())),
  };
}

async function machineOf(config: DockerConfig, info: EngineInfo): Promise<Machine> {
  const memoryMiB = Math.floor(info.MemTotal / MiB);
  const reserve = Math.max(512, Math.floor(memoryMiB / 8));
  const text = (path: string) => readFile(path, "utf8").catch(() => "");
  return {
    capacity: {
      memoryMiB: config.maxMemoryMiB ?? memoryMiB - reserve,
      cpus: config.maxCpus ?? info.NCPU,
      gpus: config.gpus,
      cpuOvercommit: config.cpuOvercommit,
    },
    remap: remapOf(info, await text("/etc/subuid"), await text("/etc/subgid")),
  };
}

/** Asks again after `milliseconds`, and at once after a failure. */
function atMostEvery<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | null = null;
  return () => {
    if (last === null || performance.now() > last.at + milliseconds) {
      const asked = { at: performance.now(), answer: ask() };
      asked.answer.catch(() => {
        if (last === asked) last = null;
      });
      last = asked;
    }
    return last.answer;
  };
}

/** A folder as the engine sees it. @throws Rejected when it does not. */
export function there({ paths }: DockerConfig, path: string): string {
  const found = seenThere(paths, path);
  if (found === null) throw new Rejected("data-unreachable", `the engine does not see ${path}`);
  return found;
}

/** What to send as `X-Registry-Auth`; null: nothing is known for that registry. @throws Rejected */
export async function credentialsFor(
  { credentialsFile }: DockerConfig,
  image: string,
): Promise<string | null> {
  if (credentialsFile === undefined) return null;
  try {
    if (((await stat(credentialsFile)).mode & 0o077) !== 0) throw new Error("others may read it (chmod 600)");
    const { auths } = credentials.parse(JSON.parse(await readFile(credentialsFile, "utf8")));
    const registry = registryOf(image);
    const known =
      auths[registry] ?? (registry === "docker.io" ? auths["https://index.docker.io/v1/"] : undefined);
    return known === undefined ? null : authorization(registry, known.auth);
  } catch (error) {
    // Not the text of the file, which a parser's message may have.
    const why = error instanceof SyntaxError ? "it is not JSON" : (error as Error).message;
    throw new Rejected("environment-unavailable", `the log-ins in ${credentialsFile} cannot be used: ${why}`);
  }
}

function authorization(serveraddress: string, auth: string): string {
  const [username, ...password] = Buffer.from(auth, "base64").toString("utf8").split(":");
  return Buffer.from(JSON.stringify({ username, password: password.join(":"), serveraddress })).toString(
    "base64url",
  );
}
