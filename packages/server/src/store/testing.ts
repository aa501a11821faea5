import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { type Database, openDatabase } from "./database.ts";
import { runFolderOf } from "./embedded/socket-folder.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { migrate } from "./migrate.ts";

/** A PostgreSQL of this test process, with one migrated database to be copied from. */
interface Cluster {
  readonly postgres: EmbeddedPostgres;
  /** A connection to the maintenance database, which makes and drops the others. */
  readonly keeper: Database;
  stop(): Promise<void>;
}

/** A test that failed in the middle may still hold a connection: its database is then dropped under it. */
const patienceMs = 5_000;

const template = "template_endstation";
let cluster: Promise<Cluster> | null = null;
let made = 0;

after(async () => {
  const started = await cluster?.catch(() => null);
  await started?.stop();
});

/**
 * Runs a test on a fresh, migrated database of a real PostgreSQL, which this process starts once and which ends with it,
 * however it ends. Works as root and as an ordinary user.
 */
export async function withDatabase(test: (database: Database) => Promise<void>): Promise<void> {
  const { postgres, keeper } = await theCluster();
  made += 1;
  const name = `test_${made}`;
  await keeper.pool.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const database = openDatabase({ ...postgres.connection, database: name });
  try {
    await test(database);
  } finally {
    await Promise.race([database.close(), sleep(patienceMs, undefined, { ref: false })]);
    await keeper.pool.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}

/** The PostgreSQL of this test process, for tests that stop it or talk to it from another process. */
export async function testPostgres(): Promise<EmbeddedPostgres> {
  return (await theCluster()).postgres;
}

function theCluster(): Promise<Cluster> {
  cluster ??= startCluster();
  return cluster;
}

async function startCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "est-pg-"));
  chmodSync(folder, 0o711);
  const watchdog = endWithUs(folder, runFolderOf(folder));
  const log = pino({ level: "silent" });
  const options = { softwareFolder: softwareFolder(), stateFolder: folder, log };
  const postgres = await startEmbeddedPostgres(options).catch((error: unknown) => {
    watchdog.stdin.end();
    throw error;
  });
  const keeper = openDatabase({
    ...postgres.connection,
    database: "postgres",
    max: 1,
    allowExitOnIdle: true,
  });
  const stop = async () => {
    await keeper.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
    watchdog.stdin.end();
  };
  try {
    await makeTemplate(postgres, keeper);
  } catch (error) {
    await stop();
    throw error;
  }
  return { postgres, keeper, stop };
}

async function makeTemplate(postgres: EmbeddedPostgres, keeper: Database): Promise<void> {
  await keeper.pool.query(`CREATE DATABASE ${template}`);
  const database = openDatabase({ ...postgres.connection, database: template, max: 1 });
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
}

/** A process that sees its input end when we end, even by SIGKILL, and then ends PostgreSQL and removes what it kept. */
function endWithUs(folder: string, runFolder: string) {
  const script = `cat >/dev/null
    pid=$(head -n 1 "$1/database/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" && sleep 1
    rm -rf "$1" "$2"`;
  const watchdog = spawn("/bin/sh", ["-c", script, "sh", folder, runFolder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  return watchdog;
}

/** The same as the portal's own, so that PostgreSQL's programs are copied once. */
function softwareFolder(): string {
  const state = process.getuid?.() === 0 ? "/var/lib/endstation" : join(homedir(), ".local/state/endstation");
  return process.env["ENDSTATION_SOFTWARE"] ?? join(state, "software");
}
