import { EndstationError } from "@endstation/core";
import { Client, type PoolConfig } from "pg";
import type { Logger } from "pino";
import type { Config } from "../config/index.ts";
import { startEmbeddedPostgres } from "../store/embedded-postgres.ts";
import type { Outcome } from "./progress.ts";

/** A database that answers, whose ever it is. */
export interface ReadyDatabase {
  readonly connection: PoolConfig;
  /** Told when an embedded one ended; it is started again by itself. */
  onExit(listener: (why: string) => void): void;
  stop(): Promise<void>;
}

const oldestVersion = 15;

/** @throws `database-unavailable`, `database-version`, and what the embedded one throws. */
export async function ensureDatabase(config: Config, log: Logger): Promise<Outcome<ReadyDatabase>> {
  if (config.databaseUrl !== null) return ensureGiven(config.databaseUrl);
  const { softwareFolder, stateFolder } = config;
  const embedded = await startEmbeddedPostgres({ softwareFolder, stateFolder, log });
  const value = {
    connection: embedded.connection,
    onExit: (listener: (why: string) => void) => embedded.onExit(listener),
    stop: () => embedded.stop(),
  };
  return { value, detail: "PostgreSQL of its own" };
}

async function ensureGiven(url: string): Promise<Outcome<ReadyDatabase>> {
  const connection = { connectionString: url };
  const version = await versionOf(connection);
  if (Math.floor(version / 10_000) < oldestVersion) {
    const detail = `the PostgreSQL of DATABASE_URL is ${Math.floor(version / 10_000)}; ${oldestVersion} or newer is needed`;
    throw new EndstationError("database-version", detail, { next: "Use a newer PostgreSQL." });
  }
  const value = { connection, onExit: () => {}, stop: async () => {} };
  return { value, detail: `PostgreSQL ${Math.floor(version / 10_000)} of the facility` };
}

async function versionOf(connection: PoolConfig): Promise<number> {
  const client = new Client({ ...connection, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number }>(
      "select current_setting('server_version_num')::int as version",
    );
    return rows[0]?.version ?? 0;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = message || code || "it does not answer";
    throw new EndstationError("database-unavailable", `the PostgreSQL of DATABASE_URL: ${why}`, {
      next: "Check that it runs and that DATABASE_URL names it, its user and its password rightly.",
      cause,
    });
  } finally {
    await client.end().catch(() => {});
  }
}
