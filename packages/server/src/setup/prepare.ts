import { resolve } from "node:path";
import type { PoolConfig } from "pg";
import type { Logger } from "pino";
import type { Config } from "../config/index.ts";
import { ensureDatabase, type ReadyDatabase } from "./database.ts";
import { demandSpace, makeFolders } from "./folders.ts";
import { ensureIsolation, type Isolation } from "./isolation.ts";
import { type OnProgress, step } from "./progress.ts";
import { type BuiltEnvironments, ensureArchive, ensureEnvironments } from "./software.ts";
import { lockState } from "./state-lock.ts";
import { buildWeb } from "./web.ts";

export interface PrepareOptions {
  readonly config: Config;
  readonly onProgress: OnProgress;
  readonly log: Logger;
}

/** Everything that the portal stands on, ready. */
export interface Prepared {
  readonly database: PoolConfig;
  onDatabaseExit(listener: (why: string) => void): void;
  readonly environments: BuiltEnvironments;
  /** Of the demonstration; null where there is none. */
  readonly archiveFolder: string | null;
  /** The built pages; null where the checkout has none. */
  readonly webFolder: string | null;
  readonly isolation: Isolation;
  /** Stops the database and gives the state folder back. */
  release(): Promise<void>;
}

const checkout = resolve(import.meta.dirname, "../../../..");

/**
 * Makes what is missing and starts what must run, telling how it goes; at a second start there is little to do.
 * @throws the first coded error; what was begun is then ended again.
 */
export async function prepare({ config, onProgress, log }: PrepareOptions): Promise<Prepared> {
  process.umask(0o022);
  const lock = await step(onProgress, "State folder", () => ({
    value: takeState(config),
    detail: config.stateFolder,
  }));
  const parts = await Promise.allSettled([
    step(onProgress, "Database", () => ensureDatabase(config, log)),
    step(onProgress, "Sandbox", (tell) => ensureIsolation(config, tell)),
    step(onProgress, "Python environments", (tell) => ensureEnvironments(config, tell)),
    step(onProgress, "Demonstration data", (tell) => ensureArchive(config, tell)),
    step(onProgress, "Web pages", (tell) =>
      buildWeb({ checkout, softwareFolder: config.softwareFolder }, tell),
    ),
  ]);
  const [database, isolation, environments, archive, web] = parts;
  const release = async () => {
    if (database.status === "fulfilled") await database.value.stop();
    lock.release();
  };
  try {
    const running = resultOf(database);
    return {
      ...interfaceOf(running),
      isolation: resultOf(isolation),
      environments: resultOf(environments),
      archiveFolder: resultOf(archive),
      webFolder: resultOf(web),
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

function takeState(config: Config) {
  makeFolders(config);
  const lock = lockState(config.stateFolder);
  try {
    demandSpace(config);
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

function interfaceOf(running: ReadyDatabase): Pick<Prepared, "database" | "onDatabaseExit"> {
  return {
    database: running.connection,
    onDatabaseExit: (listener) => running.onExit(listener),
  };
}

function resultOf<T>(part: PromiseSettledResult<T>): T {
  if (part.status === "rejected") throw part.reason;
  return part.value;
}
