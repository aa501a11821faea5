import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { Announcer } from "./announcer.ts";
import { databaseError } from "./database-error.ts";
import { Notifications } from "./notifications.ts";
import type { Schema } from "./schema.ts";

/** The portal's database: typed queries, the pool below them, and the one connection that listens. */
export interface Database {
  readonly db: Kysely<Schema>;
  readonly pool: pg.Pool;
  readonly notifications: Notifications;
  /** Runs a prepared statement: for the few that run for every step of every session. Errors as with `db`. */
  query<Row extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /** NOTIFY, to be called after a commit; see {@link Announcer}. */
  announce(channel: string, payload?: string): void;
  /** Ends all connections; running queries finish first. */
  close(): Promise<void>;
}

/** Planned once per connection under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

const bigint = 20;

/** 8-byte integers are times in milliseconds and counts, all below 2^53: read as numbers. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === bigint ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/**
 * Opens a pool; connects at the first query. Queries through `db` fail with an EndstationError `database-unavailable`,
 * `disk-full` or `malformed-request` where that is what happened. After an outage the pool recovers by itself.
 */
export function openDatabase(connection: pg.PoolConfig): Database {
  const config: pg.PoolConfig = {
    max: 24,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    application_name: "endstation",
    ...connection,
    types,
  };
  const pool = new pg.Pool(config);
  // A connection that breaks while idle is replaced; the next query reports an outage where there is one.
  pool.on("error", () => {});
  // One that breaks while somebody has it, between two queries, fails the next of them; unheard it would end us.
  pool.on("connect", (client) => client.on("error", () => {}));
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: coded(pool) }) });
  const notifications = new Notifications(config);
  const announcer = new Announcer(pool);
  const close = async () => {
    await announcer.idle();
    await notifications.close();
    await db.destroy();
    await pool.end();
  };
  return {
    db,
    pool,
    notifications,
    query: async <Row extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[]) => {
      const { rows } = await pool.query<Row>({ ...statement, values: [...values] }).catch(fail);
      return rows;
    },
    announce: (channel, payload) => announcer.announce(channel, payload),
    close,
  };
}

/** The pool as Kysely sees it, with PostgreSQL's errors turned into ours. */
function coded(pool: pg.Pool) {
  return {
    connect: async () => {
      const client = await pool.connect().catch(fail);
      return {
        query: (text: string, values: readonly unknown[]) => client.query(text, [...values]).catch(fail),
        release: (destroy?: boolean) => client.release(destroy),
      };
    },
    end: async () => {},
  } as unknown as pg.Pool;
}

function fail(error: unknown): never {
  throw databaseError(error);
}
