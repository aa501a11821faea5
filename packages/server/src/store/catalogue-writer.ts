import { createHash } from "node:crypto";
import type { Dataset, DeclaredAccount, Proposal } from "@endstation/core";
import { type Kysely, sql } from "kysely";
import type { Database } from "./database.ts";
import { publishHint } from "./hints.ts";
import type { Schema } from "./schema.ts";
import { searchWords } from "./search-words.ts";

/** `taken`: another catalogue has something of that id; the row was left as it is. */
export type Put = "changed" | "same" | "taken";

/** What a harvest saw: everything else of that catalogue is gone. */
export interface Seen {
  readonly accounts: readonly string[];
  readonly proposals: readonly string[];
  readonly datasets: readonly string[];
}

/** The harvester's side of the index. */
export interface CatalogueWriter {
  /** Runs `work` unless another process harvests this catalogue at the moment: then null. */
  exclusively<Result>(catalogue: string, work: () => Promise<Result>): Promise<Result | null>;
  putAccount(catalogue: string, account: DeclaredAccount): Promise<void>;
  /** The proposal and its team in one transaction. Whoever shows what a write changed is told. */
  putProposal(catalogue: string, proposal: Proposal): Promise<Put>;
  putDataset(catalogue: string, dataset: Dataset): Promise<Put>;
  /** Removes what was not seen; answers how much that was. */
  removeUnseen(catalogue: string, seen: Seen): Promise<number>;
}

/** Sorts what has no date behind everything that has one. */
const undated = Number.MIN_SAFE_INTEGER;

export function createCatalogueWriter(database: Database): CatalogueWriter {
  const { db } = database;
  return {
    exclusively: (catalogue, work) => underLock(database, catalogue, work),
    putAccount: async (catalogue, { account, name, email, roles }) => {
      const row = { name: clean(name), email: email === null ? null : clean(email), roles: [...roles] };
      await db
        .insertInto("catalogue_accounts")
        .values({ catalogue, account, ...row })
        .onConflict((conflict) => conflict.columns(["catalogue", "account"]).doUpdateSet(row))
        .execute();
    },
    putProposal: (catalogue, proposal) => putProposal(db, catalogue, proposal),
    putDataset: (catalogue, dataset) => putDataset(db, catalogue, dataset),
    removeUnseen: (catalogue, seen) => removeUnseen(db, catalogue, seen),
  };
}

function putProposal(db: Kysely<Schema>, catalogue: string, proposal: Proposal): Promise<Put> {
  return db.transaction().execute(async (trx) => {
    const body = bodyOf(proposal);
    const { instrument, releaseAt, listed } = proposal;
    const row = {
      instrument,
      release_at: releaseAt,
      listed,
      sort_at: proposal.startsAt ?? undated,
      body,
      digest: digestOf(body),
    };
    const written = await trx
      .insertInto("proposals")
      .values({ id: proposal.id, catalogue, version: 1, ...row })
      .onConflict((conflict) =>
        conflict
          .column("id")
          .doUpdateSet({ ...row, version: sql`proposals.version + 1` })
          .where("proposals.catalogue", "=", catalogue)
          .where("proposals.digest", "!=", row.digest),
      )
      .returning("version")
      .executeTakeFirst();
    if (written === undefined) return sameOrTaken(trx, "proposals", catalogue, proposal.id);
    await publishHint(trx, { resource: "proposal", id: proposal.id, version: Number(written.version) });
    await trx.deleteFrom("proposal_members").where("proposal", "=", proposal.id).execute();
    const members = proposal.members.map(({ account, role }) => ({ proposal: proposal.id, account, role }));
    if (members.length > 0) await trx.insertInto("proposal_members").values(members).execute();
    return "changed";
  });
}

function putDataset(db: Kysely<Schema>, catalogue: string, dataset: Dataset): Promise<Put> {
  return db.transaction().execute(async (trx) => {
    const body = bodyOf(dataset);
    const words = wordsOf(dataset);
    const row = {
      proposal: dataset.proposal,
      instrument: dataset.instrument,
      techniques: dataset.techniques.map((technique) => technique.id),
      created_at: dataset.createdAt,
      release_at: dataset.releaseAt,
      sort_at: dataset.createdAt ?? undated,
      body,
      words: sql`to_tsvector('simple', ${words}) || to_tsvector('english', ${words})`,
      digest: digestOf(body),
    };
    const written = await trx
      .insertInto("datasets")
      .values({ id: dataset.id, catalogue, version: 1, ...row })
      .onConflict((conflict) =>
        conflict
          .column("id")
          .doUpdateSet({ ...row, version: sql`datasets.version + 1` })
          .where("datasets.catalogue", "=", catalogue)
          .where("datasets.digest", "!=", row.digest),
      )
      .returning("version")
      .executeTakeFirst();
    if (written === undefined) return sameOrTaken(trx, "datasets", catalogue, dataset.id);
    await publishHint(trx, { resource: "dataset", id: dataset.id, version: Number(written.version) });
    return "changed";
  });
}

async function sameOrTaken(
  db: Kysely<Schema>,
  table: "proposals" | "datasets",
  catalogue: string,
  id: string,
): Promise<Put> {
  const row = await db.selectFrom(table).select("catalogue").where("id", "=", id).executeTakeFirst();
  return row?.catalogue === catalogue ? "same" : "taken";
}

async function removeUnseen(db: Kysely<Schema>, catalogue: string, seen: Seen): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const datasets = await removeOthers(trx, "datasets", catalogue, seen.datasets);
    const proposals = await removeOthers(trx, "proposals", catalogue, seen.proposals);
    for (const { id, version } of datasets) await publishHint(trx, { resource: "dataset", id, version });
    for (const { id, version } of proposals) await publishHint(trx, { resource: "proposal", id, version });
    const { numAffectedRows = 0n } = await sql`DELETE FROM catalogue_accounts WHERE catalogue = ${catalogue}
      AND account NOT IN (SELECT unnest(${seen.accounts}::text[]))`.execute(trx);
    return datasets.length + proposals.length + Number(numAffectedRows);
  });
}

async function removeOthers(
  trx: Kysely<Schema>,
  table: "datasets" | "proposals",
  catalogue: string,
  kept: readonly string[],
): Promise<readonly { readonly id: string; readonly version: number }[]> {
  const { rows } = await sql<{ id: string; version: number }>`DELETE FROM ${sql.table(table)}
    WHERE catalogue = ${catalogue} AND id NOT IN (SELECT unnest(${kept}::text[]))
    RETURNING id, version + 1 AS version`.execute(trx);
  return rows;
}

async function underLock<Result>(
  { pool }: Database,
  catalogue: string,
  work: () => Promise<Result>,
): Promise<Result | null> {
  const client = await pool.connect();
  const lock = [`endstation harvest ${catalogue}`];
  try {
    const { rows } = await client.query<{ mine: boolean }>(
      "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS mine",
      lock,
    );
    if (rows[0]?.mine !== true) return null;
    try {
      return await work();
    } finally {
      await client.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", lock);
    }
  } finally {
    client.release();
  }
}

function wordsOf(dataset: Dataset): string {
  const { id, pid, title, proposal, instrument, facility, techniques, definitions, sample, parameters } =
    dataset;
  const names = parameters.flatMap(({ name, value }) => [name, typeof value === "string" ? value : ""]);
  const labels = techniques.map((technique) => technique.label);
  const own = [id, pid, title, proposal, instrument, facility, sample?.name, sample?.description];
  return searchWords([...own, ...labels, ...definitions, ...names].join(" "), 2000).join(" ");
}

/** PostgreSQL keeps no NUL and no half of a surrogate pair, neither in text nor in JSON. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}

function bodyOf(value: Proposal | Dataset): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "string" ? clean(inner) : inner));
}

function digestOf(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}
