import { type Kysely, sql } from "kysely";
import type { Database } from "./database.ts";
import { listenTo } from "./notifications.ts";
import type { Schema } from "./schema.ts";

/** That something changed; whoever shows it fetches it again. `resource` is one of the wire's words (api: hint). */
export interface ChangeHint<Resource extends string = string> {
  readonly resource: Resource;
  readonly id: string;
  readonly version: number;
}

/** A hint with its place in the order in which changes became visible. */
export interface PlacedHint<Resource extends string = string> {
  readonly number: number;
  readonly hint: ChangeHint<Resource>;
}

/**
 * Tells browsers of a change, within the transaction that makes it. It gets its number after the commit: numbers only
 * ever grow before a reader's eyes, so that none is passed over.
 */
export async function publishHint(trx: Kysely<Schema>, { resource, id, version }: ChangeHint): Promise<void> {
  await sql`WITH hint AS (
    INSERT INTO hints (resource, subject, version) VALUES (${resource}, ${id}, ${version}) RETURNING 1
  ) SELECT pg_notify('endstation_hints', '') FROM hint`.execute(trx);
}

/** The stream of hints, for everybody in this process who follows it. */
export interface HintFeed<Resource extends string = string> {
  /** Hints after `number`, at most 500; null when some of them are no longer kept. */
  hintsAfter(number: number): Promise<readonly PlacedHint<Resource>[] | null>;
  latestNumber(): Promise<number>;
  /** Calls back whenever there may be new hints; answers how to end that. */
  onHints(listener: () => void): () => void;
  close(): Promise<void>;
}

const pollEveryMs = 5_000;
const atOnce = 500;
const recentlyKept = 2_000;

/** Follows the hints with one query for all listeners; the newest are served from memory. */
export async function createHintFeed<Resource extends string>(
  database: Database,
): Promise<HintFeed<Resource>> {
  const listeners = new Set<() => void>();
  const recent = await recentHints<Resource>(database);
  const refresh = oneAtATime(async () => {
    await numberHints(database);
    if (await recent.readOn()) for (const listener of [...listeners]) listener();
  });
  const quietly = () => void refresh().catch(() => {});
  const stop = await listenTo(database, "endstation_hints", quietly);
  const poll = setInterval(quietly, pollEveryMs);
  poll.unref();
  return {
    hintsAfter: async (number) => recent.after(number) ?? readAfter<Resource>(database, number),
    latestNumber: async () => (await counter(database)).latest,
    onHints: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      clearInterval(poll);
      await stop();
    },
  };
}

/** Gives a number to each committed hint that has none. Safe in many processes at once. */
export async function numberHints(database: Database): Promise<void> {
  await database.query({ name: "hints-number", text: "SELECT number_hints()" }, []);
}

/** Forgets hints older than `keptMs` by the database's clock; who asks for them is told to fetch anew. */
export async function pruneHints(database: Database, keptMs: number): Promise<void> {
  await sql`WITH gone AS (
    DELETE FROM hints WHERE number IS NOT NULL AND made < clock_timestamp() - make_interval(secs => ${keptMs / 1000}::float8)
    RETURNING number
  ) UPDATE hint_counter SET pruned = greatest(pruned, (SELECT max(number) FROM gone))`.execute(database.db);
}

async function recentHints<Resource extends string>(database: Database) {
  let from = (await counter(database)).latest;
  let kept: readonly PlacedHint<Resource>[] = [];
  const last = () => kept.at(-1)?.number ?? from;
  return {
    /** Null for numbers from before what is kept. */
    after: (number: number): readonly PlacedHint<Resource>[] | null =>
      number < from ? null : kept.filter((placed) => placed.number > number).slice(0, atOnce),
    /** Reads on; whether there was something new. */
    readOn: async (): Promise<boolean> => {
      let isNew = false;
      for (;;) {
        const fresh = await readFrom<Resource>(database, last());
        if (fresh.length === 0) return isNew;
        isNew = true;
        const all = [...kept, ...fresh];
        from = all.length > recentlyKept ? (all.at(-recentlyKept - 1)?.number ?? from) : from;
        kept = all.slice(-recentlyKept);
      }
    },
  };
}

async function readAfter<Resource extends string>(
  database: Database,
  number: number,
): Promise<readonly PlacedHint<Resource>[] | null> {
  const found = await readFrom<Resource>(database, number);
  const { pruned } = await counter(database);
  return number < pruned ? null : found;
}

async function readFrom<Resource extends string>(
  { db }: Database,
  number: number,
): Promise<PlacedHint<Resource>[]> {
  const rows = await db
    .selectFrom("hints")
    .select(["number", "resource", "subject", "version"])
    .where("number", ">", number)
    .orderBy("number")
    .limit(atOnce)
    .execute();
  return rows.map(({ number: place, resource, subject: id, version }) => ({
    number: place as number,
    hint: { resource: resource as Resource, id, version },
  }));
}

function counter({ db }: Database): Promise<{ latest: number; pruned: number }> {
  return db.selectFrom("hint_counter").select(["latest", "pruned"]).executeTakeFirstOrThrow();
}

/** Calls that come while one runs share one more run after it. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let again = false;
  const loop = async () => {
    try {
      do {
        again = false;
        await work();
      } while (again);
    } finally {
      running = null;
    }
  };
  return () => {
    again = true;
    running ??= loop();
    return running;
  };
}
