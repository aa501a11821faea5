import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { EndstationError } from "@endstation/core";
import type { PoolClient } from "pg";
import { readConfig } from "../config/index.ts";
import { answer, type OperatorCommand, portalWords } from "./answer.ts";
import { withStateDatabase } from "./state-database.ts";
import { tablesOf } from "./tables.ts";
import { WrongUse } from "./wrong-use.ts";

/** The first line of a backup. Then a line per row, `[table, row]`, and at the end `{ rows }`. */
export interface BackupHead {
  readonly endstation: 1;
  readonly migrations: readonly { readonly name: string; readonly digest: string }[];
}

const atOnce = 500;

/** `backup FILE`: everything in the database as of one moment, while the portal goes on. Files of people are not in it. */
export const backup: OperatorCommand = async (operator) => {
  const [name] = operator.words;
  if (name === undefined) throw new WrongUse("backup needs a file");
  const file = resolve(name);
  const config = readConfig({ argv: portalWords(operator.options), env: operator.env });
  const rows = await withStateDatabase(config, async ({ pool }) => {
    const client = await pool.connect();
    try {
      return await writeBackup(client, file);
    } finally {
      client.release(true);
    }
  });
  answer(operator, { file, rows }, `${rows} rows are written to ${file}. Homes and results are not in it.`);
  return 0;
};

/** Under another name until it is whole, readable by its owner only. */
async function writeBackup(client: PoolClient, file: string): Promise<number> {
  const partial = `${file}.${process.pid}.partial`;
  const counted = { rows: 0 };
  try {
    const out = createWriteStream(partial, { flags: "wx", mode: 0o600 });
    await pipeline(Readable.from(linesOf(client, counted)), createGzip(), out);
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true });
    throw writeFault(file, cause);
  }
  return counted.rows;
}

async function* linesOf(client: PoolClient, counted: { rows: number }): AsyncGenerator<string> {
  await client.query("begin isolation level repeatable read read only");
  const migrations = await client.query<{ name: string; digest: string }>(
    "select name, digest from migrations order by name",
  );
  yield line({ endstation: 1, migrations: migrations.rows } satisfies BackupHead);
  for (const { name, columns } of await tablesOf(client)) {
    const listed = columns.map((column) => client.escapeIdentifier(column)).join(", ");
    const table = client.escapeIdentifier(name);
    await client.query(
      `declare rows cursor for select to_jsonb(row)::text as text from (select ${listed} from ${table}) as row`,
    );
    for (;;) {
      const { rows } = await client.query<{ text: string }>(`fetch ${atOnce} from rows`);
      if (rows.length === 0) break;
      counted.rows += rows.length;
      yield rows.map(({ text }) => `[${JSON.stringify(name)},${text}]\n`).join("");
    }
    await client.query("close rows");
  }
  await client.query("commit");
  yield line({ rows: counted.rows });
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function writeFault(file: string, cause: unknown): unknown {
  const { code = "", syscall } = cause as NodeJS.ErrnoException;
  if (code === "ENOSPC") return new EndstationError("disk-full", `writing the backup ${file}`, { cause });
  if (syscall === undefined) return cause;
  return new EndstationError("state-unwritable", `the backup ${file} cannot be written (${code})`, {
    next: "Name a file in a folder that you may write.",
    cause,
  });
}
