import { createReadStream, existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { EndstationError } from "@endstation/core";
import type { PoolClient } from "pg";
import { type Config, readConfig } from "../config/index.ts";
import type { Database } from "../store/database.ts";
import { migrate, migrationsFolder, readMigrations } from "../store/migrate.ts";
import { answer, type OperatorCommand, portalWords } from "./answer.ts";
import type { BackupHead } from "./backup.ts";
import { withIdleDatabase } from "./state-database.ts";
import { type Table, tablesOf } from "./tables.ts";
import { WrongUse } from "./wrong-use.ts";

const atOnce = 500;

/** `restore FILE`: a backup into a database that is still empty, brought up to this version. The portal must not run. */
export const restore: OperatorCommand = async (operator) => {
  const [name] = operator.words;
  if (name === undefined) throw new WrongUse("restore needs a file");
  const file = resolve(name);
  const config = readConfig({ argv: portalWords(operator.options), env: operator.env });
  if (!existsSync(file)) throw unusable(file, "is not there");
  const head = await demandWhole(file);
  makeStateFolder(config);
  const rows = await withIdleDatabase(config, (database) => restoreInto(database, file, head));
  answer(operator, { file, rows }, `${rows} rows are read back from ${file}.`);
  return 0;
};

function makeStateFolder({ stateFolder, databaseUrl }: Config): void {
  if (databaseUrl === null)
    mkdirSync(stateFolder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
}

async function restoreInto(database: Database, file: string, head: BackupHead): Promise<number> {
  await demandEmpty(database);
  await migrate(database, head.migrations.at(-1)?.name ?? "");
  const rows = await load(database, file);
  await migrate(database);
  return rows;
}

/** Reads it through before anything is made: whole, and of this version or an earlier one. */
async function demandWhole(file: string): Promise<BackupHead> {
  let head: BackupHead | null = null;
  let rows = 0;
  for await (const line of linesOf(file)) {
    if (head === null) {
      head = headOf(file, line);
      await demandKnown(head);
    } else if (line.startsWith("[")) rows += 1;
    else if ((parsed(file, line) as { rows?: number }).rows === rows) return head;
  }
  throw unusable(file, "is no backup, or ends before its end");
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const input = createReadStream(file).pipe(createGunzip());
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) yield line;
  } catch (cause) {
    throw unusable(file, `is no backup or is damaged (${(cause as Error).message})`);
  }
}

function headOf(file: string, line: string): BackupHead {
  const head = parsed(file, line) as Partial<BackupHead>;
  if (head?.endstation === 1 && Array.isArray(head.migrations)) return head as BackupHead;
  throw unusable(file, "is no backup of Endstation");
}

async function demandKnown({ migrations }: BackupHead): Promise<void> {
  const known = new Map((await readMigrations(migrationsFolder)).map(({ name, digest }) => [name, digest]));
  const foreign = migrations.find(({ name, digest }) => known.get(name) !== digest);
  if (foreign !== undefined)
    throw new EndstationError(
      "database-version",
      `the backup has the migration ${foreign.name}, which is not of this version`,
      {
        next: "Restore it with the version that made it, or a later one.",
      },
    );
}

async function demandEmpty({ pool }: Database): Promise<void> {
  const { rows } = await pool.query(
    "select 1 from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE' limit 1",
  );
  if (rows.length > 0)
    throw new EndstationError(
      "state-in-use",
      "there is a database already, and a backup is read into an empty one only",
      {
        next: "Name a new state folder with --state (or an empty database), and start the portal with that.",
      },
    );
}

/** All rows in one transaction: whole, or not at all. */
async function load(database: Database, file: string): Promise<number> {
  const client = await database.pool.connect();
  try {
    await client.query("begin");
    const tables = await tablesOf(client);
    for (const { name } of tables.toReversed()) await emptied(client, client.escapeIdentifier(name));
    const rows = await insertAll(client, file, tables);
    for (const table of tables) await countOn(client, table);
    await client.query("commit");
    return rows;
  } finally {
    client.release(true);
  }
}

/** What a new database has of its own. An empty table is left alone: of some nothing can be taken away. */
async function emptied(client: PoolClient, table: string): Promise<void> {
  const { rows } = await client.query(`select 1 from ${table} limit 1`);
  if (rows.length > 0) await client.query(`delete from ${table}`);
}

async function insertAll(client: PoolClient, file: string, tables: readonly Table[]): Promise<number> {
  let count = 0;
  let batch: string[] = [];
  let of: Table | undefined;
  const flush = async () => {
    if (of !== undefined && batch.length > 0) await insert(client, of, batch);
    batch = [];
  };
  for await (const line of linesOf(file)) {
    if (!line.startsWith("[")) continue;
    const [name] = parsed(file, line) as [string];
    if (name !== of?.name || batch.length >= atOnce) await flush();
    of = tables.find((table) => table.name === name);
    if (of === undefined)
      throw unusable(file, `has rows of a table "${name}" that its version does not have`);
    // As it stands in the file: numbers beyond 2^53 keep their digits.
    batch.push(line.slice(line.indexOf(",") + 1, -1));
    count += 1;
  }
  await flush();
  return count;
}

async function insert(client: PoolClient, { name, columns }: Table, texts: readonly string[]): Promise<void> {
  const listed = columns.map((column) => client.escapeIdentifier(column)).join(", ");
  const table = client.escapeIdentifier(name);
  await client.query(
    `insert into ${table} (${listed}) overriding system value
     select ${listed} from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
    [`[${texts.join(",")}]`],
  );
}

async function countOn(client: PoolClient, { name, counters }: Table): Promise<void> {
  const table = client.escapeIdentifier(name);
  for (const counter of counters) {
    const column = client.escapeIdentifier(counter);
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), coalesce(max(${column}), 0) + 1, false) from ${table}`,
      [table, counter],
    );
  }
}

function parsed(file: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw unusable(file, "is no backup or is damaged");
  }
}

function unusable(file: string, why: string): EndstationError {
  return new EndstationError("file-unreadable", `${file} ${why}`, {
    next: "Name a file that `endstation backup` wrote.",
  });
}
