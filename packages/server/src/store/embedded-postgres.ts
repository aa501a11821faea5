import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EndstationError } from "@endstation/core";
import { Client, type PoolConfig } from "pg";
import type { Logger } from "pino";
import { installBinaries } from "./embedded/binaries.ts";
import { databaseName, ensureCluster } from "./embedded/cluster.ts";
import { ownerOf } from "./embedded/owner.ts";
import {
  adopt,
  endPostmaster,
  findPostmaster,
  type Postmaster,
  type PostmasterOptions,
  spawnPostmaster,
} from "./embedded/postmaster.ts";
import { makeSocketFolder, removeSocketFolder, runFolderOf } from "./embedded/socket-folder.ts";

/** The database of one state folder, kept running. */
export interface EmbeddedPostgres {
  /** How to connect; stays the same when PostgreSQL has to be started again. */
  readonly connection: PoolConfig;
  /** Ends PostgreSQL; nothing that was committed is lost. */
  stop(): Promise<void>;
  /** Told each time PostgreSQL ended by itself or was killed; it is then started again, with growing pauses. */
  onExit(listener: (why: string) => void): void;
}

export interface EmbeddedPostgresOptions {
  readonly softwareFolder: string;
  readonly stateFolder: string;
  readonly log: Logger;
}

/** Recovery after a crash may take a while; nothing is gained by giving up early. */
const startPatienceMs = 120_000;
const stopPatienceMs = 4_000;
const longestPauseMs = 10_000;

/**
 * Starts a real PostgreSQL on `<stateFolder>/database`, reachable by its Unix socket only, as an unprivileged user when
 * we are root. One that still runs after its portal was killed is taken over. The caller holds the state folder's lock.
 * @throws `software-incomplete`, `database-version`, `disk-full`, `state-unwritable`, `database-unavailable`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = await installBinaries(options.softwareFolder);
  const dataFolder = join(options.stateFolder, "database");
  const owner = ownerOf(dataFolder);
  await ensureCluster(binaries, dataFolder, owner);
  const logs = join(options.stateFolder, "logs");
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const socketFolder = makeSocketFolder(options.stateFolder, owner);
  const logFile = join(logs, "postgresql.log");
  const supervisor = new Supervisor({ binaries, dataFolder, socketFolder, logFile, owner }, options.log);
  await supervisor.start();
  return supervisor;
}

class Supervisor implements EmbeddedPostgres {
  readonly connection: PoolConfig;
  readonly #options: PostmasterOptions;
  readonly #log: Logger;
  readonly #listeners: ((why: string) => void)[] = [];
  #postmaster: Postmaster | null = null;
  #stopping = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  constructor(options: PostmasterOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
    this.connection = connectionTo(options.socketFolder);
  }

  async start(): Promise<void> {
    try {
      await this.#launch();
      await ensureDatabase(this.connection);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#watching = this.#watch();
  }

  onExit(listener: (why: string) => void): void {
    this.#listeners.push(listener);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#end();
    await this.#watching;
    await this.#end();
    removeSocketFolder(this.#options.socketFolder);
  }

  async #end(): Promise<void> {
    if (this.#postmaster !== null) await endPostmaster(this.#postmaster, stopPatienceMs);
  }

  /** Starts one, or takes over the one that runs, and waits until it answers. */
  async #launch(): Promise<void> {
    this.#postmaster = (await this.#takeOver()) ?? this.#spawn();
    await answering(this.connection, this.#postmaster, this.#options.logFile);
  }

  async #takeOver(): Promise<Postmaster | null> {
    const found = findPostmaster(this.#options.dataFolder);
    if (found === null) return null;
    const postmaster = adopt(found.pid, this.#options.dataFolder);
    if (found.socketFolder === this.#options.socketFolder && (await canConnect(this.connection))) {
      this.#log.info({ pid: found.pid }, "took over the PostgreSQL that was still running");
      return postmaster;
    }
    this.#log.info({ pid: found.pid }, "ended a PostgreSQL that was still running and did not answer");
    await endPostmaster(postmaster, stopPatienceMs);
    return null;
  }

  #spawn(): Postmaster {
    clearSocket(this.#options.socketFolder);
    return spawnPostmaster(this.#options);
  }

  /** Starts it again whenever it ends, until we are told to stop. */
  async #watch(): Promise<void> {
    let pause = 100;
    while (!this.#stopping.signal.aborted) {
      const startedAt = performance.now();
      const why = (await this.#postmaster?.ended) ?? "it did not start";
      if (this.#stopping.signal.aborted) return;
      this.#log.error({ why }, "PostgreSQL ended; it is started again");
      for (const listener of this.#listeners) listener(why);
      pause = performance.now() - startedAt > longestPauseMs ? 100 : Math.min(pause * 2, longestPauseMs);
      await this.#again(pause);
    }
  }

  async #again(pause: number): Promise<void> {
    try {
      await sleep(pause, undefined, { signal: this.#stopping.signal });
      await this.#launch();
      this.#log.info("PostgreSQL answers again");
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        this.#log.error({ err: error }, "PostgreSQL could not be started again");
    }
  }
}

/** How to reach the database of a state folder while its portal runs. */
export function connectionOf(stateFolder: string): PoolConfig {
  return connectionTo(join(runFolderOf(stateFolder), "database"));
}

function connectionTo(socketFolder: string): PoolConfig {
  return {
    host: socketFolder,
    port: 5432,
    user: databaseName,
    database: databaseName,
    password: "",
    ssl: false,
  };
}

/** The folder is ours alone: a socket in it whose postmaster is gone is a leftover. */
function clearSocket(socketFolder: string): void {
  for (const name of [".s.PGSQL.5432", ".s.PGSQL.5432.lock"])
    rmSync(join(socketFolder, name), { force: true });
}

async function answering(connection: PoolConfig, postmaster: Postmaster, logFile: string): Promise<void> {
  const giveUpAt = performance.now() + startPatienceMs;
  let ended: string | null = null;
  void postmaster.ended.then((why) => {
    ended = why;
  });
  while (performance.now() < giveUpAt) {
    if (await canConnect(connection)) return;
    if (ended !== null) throw startFault(ended, logFile);
    await sleep(25);
  }
  throw startFault(`it did not answer within ${startPatienceMs / 1000} s`, logFile);
}

async function canConnect(connection: PoolConfig): Promise<boolean> {
  return withClient({ ...connection, database: "postgres" }, async () => true).catch(() => false);
}

async function ensureDatabase(connection: PoolConfig): Promise<void> {
  await withClient({ ...connection, database: "postgres" }, async (client) => {
    const found = await client.query("select 1 from pg_database where datname = $1", [databaseName]);
    if (found.rowCount === 0) await client.query(`create database ${databaseName}`);
  });
}

async function withClient<T>(connection: PoolConfig, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ ...connection, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

function startFault(why: string, logFile: string): EndstationError {
  const words = tailOf(logFile);
  const code = /No space left on device/.test(words) ? "disk-full" : "database-unavailable";
  return new EndstationError(code, `PostgreSQL did not start: ${why}. The end of ${logFile}:\n${words}`);
}

function tailOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim().split("\n").slice(-8).join("\n");
  } catch {
    return "(there is no log)";
  }
}
