import { existsSync } from "node:fs";
import { join } from "node:path";
import { EndstationError } from "@endstation/core";
import { pino } from "pino";
import type { Config } from "../config/index.ts";
import { lockState } from "../setup/state-lock.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { connectionOf, startEmbeddedPostgres } from "../store/embedded-postgres.ts";
import { migrate } from "../store/migrate.ts";

type Work<Answer> = (database: Database) => Promise<Answer>;

/**
 * Works on the portal's database, whether the portal runs or not: where it is down, its PostgreSQL is started for so long,
 * under the same lock.
 * @throws `database-unavailable` where the state folder has none yet.
 */
export async function withStateDatabase<Answer>(config: Config, work: Work<Answer>): Promise<Answer> {
  if (config.databaseUrl !== null) return withConnection({ connectionString: config.databaseUrl }, work);
  const { stateFolder } = config;
  if (!existsSync(join(stateFolder, "database")))
    throw new EndstationError("database-unavailable", `there is no database in ${stateFolder} yet`, {
      next: "Start the portal once, or name its folder with --state.",
    });
  const lock = lockUnlessRunning(stateFolder);
  if (lock === null) return withConnection(connectionOf(stateFolder), work);
  try {
    return await withOwnPostgres(config, async (database) => {
      await migrate(database);
      return work(database);
    });
  } finally {
    lock.release();
  }
}

/**
 * Works on the portal's database as long as no portal uses it, made empty where there is none.
 * @throws `state-in-use` while the portal runs.
 */
export async function withIdleDatabase<Answer>(config: Config, work: Work<Answer>): Promise<Answer> {
  if (config.databaseUrl !== null) return withConnection({ connectionString: config.databaseUrl }, work);
  const lock = lockState(config.stateFolder);
  try {
    return await withOwnPostgres(config, work);
  } finally {
    lock.release();
  }
}

function lockUnlessRunning(stateFolder: string) {
  try {
    return lockState(stateFolder);
  } catch (error) {
    if (error instanceof EndstationError && error.code === "state-in-use") return null;
    throw error;
  }
}

async function withOwnPostgres<Answer>(config: Config, work: Work<Answer>): Promise<Answer> {
  const { softwareFolder, stateFolder } = config;
  const log = pino({ level: "silent" });
  const postgres = await startEmbeddedPostgres({ softwareFolder, stateFolder, log });
  try {
    return await withConnection(postgres.connection, work);
  } finally {
    await postgres.stop();
  }
}

async function withConnection<Answer>(
  connection: Parameters<typeof openDatabase>[0],
  work: Work<Answer>,
): Promise<Answer> {
  const database = openDatabase({ ...connection, max: 2 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
