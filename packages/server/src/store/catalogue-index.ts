import type {
  CatalogueIndex,
  Dataset,
  DeclaredAccount,
  FacilityRole,
  IndexQuery,
  Page,
  PageRequest,
  Proposal,
  Reader,
  SeenDataset,
  SeenProposal,
} from "@endstation/core";
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Database } from "./database.ts";
import { type Position, pageOf, positionOf } from "./keyset.ts";
import type { Schema } from "./schema.ts";
import { searchWords } from "./search-words.ts";

type Condition = RawBuilder<unknown>;
type ProposalRow = Position & {
  body: Proposal;
  access: SeenProposal["access"];
  role: SeenProposal["myRole"];
  count: number;
};
type DatasetRow = Position & { body: Dataset; access: SeenDataset["access"]; catalogue: string };

/** The index of harvested catalogues as queries of PostgreSQL. What `accessTo` says is said here once more, as SQL. */
export function createCatalogueIndex({ db }: Database): CatalogueIndex {
  return {
    proposals: (reader, mine, page) => findProposals(db, reader, mine, page),
    proposal: async (reader, id) => {
      const [row] = await proposalRows(db, reader, [sql`p.id = ${id}`], 1);
      return row === undefined ? null : seenProposal(row);
    },
    datasets: (reader, query, page) => findDatasets(db, reader, query, page),
    datasetsById: async (reader, ids) => {
      const rows = await datasetRows(db, reader, [sql`d.id = ANY(${ids}::text[])`], ids.length);
      const found = new Map(rows.map((row) => [row.id, seenDataset(row)]));
      return [...new Set(ids)].flatMap((id) => found.get(id) ?? []);
    },
    proposalsOf: async (account) => {
      const rows = await db
        .selectFrom("proposal_members")
        .select("proposal")
        .where("account", "=", account)
        .execute();
      return new Set(rows.map((row) => row.proposal));
    },
    account: (account) => findAccount(db, account),
  };
}

/** What a reader may do with a row that has an instrument, a release and a proposal: `accessTo` as SQL. */
function accessSql(reader: Reader, row: "d" | "p"): Condition {
  const [table, proposal] = [sql.ref(row), row === "d" ? sql.ref("d.proposal") : sql.ref("p.id")];
  const team = sql`SELECT proposal FROM proposal_members WHERE account = ${reader.account}`;
  return sql`CASE
    WHEN ${proposal} IN (${team}) OR ${table}.instrument = ANY(${reader.instruments}::text[]) THEN 'member'
    WHEN ${table}.release_at <= ${reader.now} THEN 'open'
    WHEN p.listed THEN 'embargoed' END`;
}

async function findProposals(
  db: Kysely<Schema>,
  reader: Reader,
  mine: boolean,
  page: PageRequest,
): Promise<Page<SeenProposal>> {
  const conditions = [...after(page, "p"), ...(mine ? [sql`mine.role IS NOT NULL`] : [])];
  return pageOf(await proposalRows(db, reader, conditions, page.limit + 1), page, seenProposal);
}

async function proposalRows(
  db: Kysely<Schema>,
  reader: Reader,
  conditions: readonly Condition[],
  limit: number,
): Promise<ProposalRow[]> {
  const { rows } = await sql<ProposalRow>`
    SELECT p.id, p.sort_at AS "sortAt", p.body, mine.role, ${accessSql(reader, "p")} AS access,
      (SELECT count(*) FROM datasets d WHERE d.proposal = p.id AND ${accessSql(reader, "d")} IS NOT NULL) AS count
    FROM proposals p
      LEFT JOIN proposal_members mine ON mine.proposal = p.id AND mine.account = ${reader.account}
    WHERE ${all([sql`${accessSql(reader, "p")} IS NOT NULL`, ...conditions])}
    ORDER BY p.sort_at DESC, p.id DESC LIMIT ${limit}`.execute(db);
  return rows;
}

async function findDatasets(
  db: Kysely<Schema>,
  reader: Reader,
  query: IndexQuery,
  page: PageRequest,
): Promise<Page<SeenDataset>> {
  const conditions = [...after(page, "d"), ...conditionsOf(query, reader)];
  return pageOf(await datasetRows(db, reader, conditions, page.limit + 1), page, seenDataset);
}

async function datasetRows(
  db: Kysely<Schema>,
  reader: Reader,
  conditions: readonly Condition[],
  limit: number,
): Promise<DatasetRow[]> {
  const { rows } = await sql<DatasetRow>`
    SELECT d.id, d.sort_at AS "sortAt", d.body, d.catalogue, ${accessSql(reader, "d")} AS access
    FROM datasets d JOIN proposals p ON p.id = d.proposal
    WHERE ${all([sql`${accessSql(reader, "d")} IS NOT NULL`, ...conditions])}
    ORDER BY d.sort_at DESC, d.id DESC LIMIT ${limit}`.execute(db);
  return rows;
}

function conditionsOf(query: IndexQuery, reader: Reader): Condition[] {
  const { proposal, instrument, techniques, text, access, from, to } = query;
  return [
    ...(proposal === undefined ? [] : [sql`d.proposal = ${proposal}`]),
    ...(instrument === undefined ? [] : [sql`lower(d.instrument) = lower(${instrument})`]),
    ...(techniques === undefined ? [] : [sql`d.techniques && ${techniques}::text[]`]),
    ...(access === undefined ? [] : [sql`${accessSql(reader, "d")} = ${access}`]),
    ...(from === undefined ? [] : [sql`d.created_at >= ${from}`]),
    ...(to === undefined ? [] : [sql`d.created_at <= ${to}`]),
    ...searchWords(text ?? "", 16).map(wordIn),
  ];
}

/** The word as it is, the beginning of a longer one, or (in English) another form of it. */
function wordIn(word: string): Condition {
  return sql`d.words @@ (to_tsquery('simple', ${`${word}:*`}) || plainto_tsquery('english', ${word}))`;
}

function after(page: PageRequest, row: "d" | "p"): Condition[] {
  const position = positionOf(page.cursor);
  if (position === null) return [];
  const table = sql.ref(row);
  return [sql`(${table}.sort_at, ${table}.id) < (${position.sortAt}, ${position.id})`];
}

function all(conditions: readonly Condition[]): Condition {
  return sql.join(conditions, sql` AND `);
}

function seenProposal({ body, access, role, count }: ProposalRow): SeenProposal {
  return { proposal: body, access, myRole: role, datasetCount: count };
}

function seenDataset({ body, access, catalogue }: DatasetRow): SeenDataset {
  return { dataset: body, access, catalogue };
}

/** Roles from several catalogues add up; the name is that of the first. */
async function findAccount(db: Kysely<Schema>, account: string): Promise<DeclaredAccount | null> {
  const rows = await db
    .selectFrom("catalogue_accounts")
    .select(["name", "email", "roles"])
    .where("account", "=", account)
    .orderBy("catalogue")
    .execute();
  const [first] = rows;
  if (first === undefined) return null;
  const roles = [...new Set(rows.flatMap((row) => row.roles))] as FacilityRole[];
  return { account, name: first.name, email: first.email, roles };
}
