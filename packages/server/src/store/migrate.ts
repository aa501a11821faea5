import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { EndstationError } from "@endstation/core";
import type { PoolClient } from "pg";
import type { Database } from "./database.ts";
import { databaseError } from "./database-error.ts";

interface Migration {
  readonly name: string;
  readonly text: string;
  readonly digest: string;
}

/** Where this version's migrations are. */
export const migrationsFolder = join(import.meta.dirname, "migrations");
const lock = 4_107_001;

/**
 * Brings the database up to this version: all missing migrations in one transaction, under a lock that keeps other
 * replicas waiting. Forward only. `upTo` names the last one to apply, where a copy of an earlier version is read back.
 * @throws database-version when it was made by a later version, or a migration was edited after it was applied.
 */
export async function migrate(database: Pick<Database, "pool">, upTo?: string): Promise<void> {
  const all = await readMigrations(migrationsFolder);
  const migrations = upTo === undefined ? all : all.filter(({ name }) => name <= upTo);
  const client = await database.pool.connect().catch((error: unknown) => fail(error));
  try {
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock($1)", [lock]);
    await applyMissing(client, migrations);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    fail(error);
  } finally {
    client.release();
  }
}

/** The migrations in a folder, in the order of their numbers. */
export async function readMigrations(from: string): Promise<readonly Migration[]> {
  const names = (await readdir(from)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(from, name), "utf8");
      return { name, text, digest: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

async function applyMissing(client: PoolClient, migrations: readonly Migration[]): Promise<void> {
  await client.query(
    "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, digest text NOT NULL, applied_at bigint NOT NULL)",
  );
  const { rows } = await client.query<{ name: string; digest: string }>(
    "SELECT name, digest FROM migrations",
  );
  const applied = new Map(rows.map((row) => [row.name, row.digest]));
  demandKnown(applied, migrations);
  for (const { name, text, digest } of migrations) {
    if (applied.has(name)) continue;
    await client.query(text).catch((cause: unknown) => fail(cause, `migration ${name}`));
    await client.query("INSERT INTO migrations VALUES ($1, $2, $3)", [name, digest, Date.now()]);
  }
}

function demandKnown(applied: ReadonlyMap<string, string>, migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration.digest]));
  for (const [name, digest] of applied) {
    if (known.get(name) === digest) continue;
    const what = known.has(name) ? "is not the one that was applied" : "is not known to this version";
    throw new EndstationError("database-version", `migration ${name} ${what}`);
  }
}

function fail(cause: unknown, what = ""): never {
  const error = databaseError(cause);
  if (what === "" || error instanceof EndstationError || !(cause instanceof Error)) throw error;
  throw new Error(`${what}: ${cause.message}`, { cause });
}
