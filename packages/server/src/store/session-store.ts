import type { LifeLimits, Session, SessionId, SessionStore } from "@endstation/core";
import type { Database } from "./database.ts";
import { createChange, saveChange } from "./session-changes.ts";
import { listPage } from "./session-list.ts";
import { type StoredSession, sessionOf } from "./session-row.ts";
import { getManyStatement, getStatement, scriptStatement } from "./session-statements.ts";
import { createShareStore, type ShareStore } from "./shares.ts";
import { Turns } from "./turns.ts";

/** Core's store, with what only the server's own parts ask of it. */
export interface Sessions extends SessionStore, ShareStore {
  /** Those of these that there are, in no order. */
  getMany(ids: readonly SessionId[]): Promise<readonly Session[]>;
  /** The text of the program that a batch session runs; null: it runs none of its own. */
  scriptOf(session: Session): Promise<string | null>;
}

/**
 * Sessions in PostgreSQL: session, log entry, effects, ways in and hint of a change are one transaction.
 * With the limits that the runner has, a change also says when the session is to be looked at next.
 */
export function createSessionStore(database: Database, limits: LifeLimits | null = null): Sessions {
  // Those of one owner wait for each other here, and not each with a connection of the pool in its hands.
  const turns = new Turns();
  const getMany = async (ids: readonly SessionId[]) =>
    (await database.query<StoredSession>(getManyStatement, [ids])).map(sessionOf);
  const get = async (id: SessionId) => {
    const [found] = await database.query<StoredSession>(getStatement, [id]);
    return found === undefined ? null : sessionOf(found);
  };
  return {
    ...createShareStore(database),
    getMany,
    get,
    scriptOf: async ({ id, batch }) => {
      const [found] = await database.query<{ text: string }>(scriptStatement, [batch?.array?.id ?? id]);
      return found?.text ?? null;
    },
    list: (filter, page) => listPage(database, filter, page),
    create: async (creation) => {
      const create = () => createChange(database, limits, creation);
      const outcome = await turns.take(creation.session.owner, create);
      if (outcome.result !== "repeated") return outcome;
      return { result: "repeated", session: (await get(outcome.id)) as Session };
    },
    save: (change) => saveChange(database, limits, change),
    log: async (id) => {
      const rows = await database.db
        .selectFrom("session_log")
        .selectAll()
        .where("session_id", "=", id)
        .orderBy("sequence")
        .execute();
      return rows.map(({ session_id: sessionId, ...entry }) => ({ sessionId, ...entry }));
    },
  };
}
