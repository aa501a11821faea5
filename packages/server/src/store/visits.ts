import type { EndpointKind, Instant, SessionId } from "@endstation/core";
import type { Database } from "./database.ts";
import type { TicketHolder } from "./tickets.ts";

/** A browser inside a session: whose, of which session, in which role. */
export interface Visit extends TicketHolder {
  readonly digest: Buffer;
  readonly sessionId: SessionId;
  readonly role: string;
  readonly endpoint: EndpointKind;
}

/** Visits: kept as digests of the cookie's token. */
export interface VisitStore {
  begin(digest: Buffer, holder: TicketHolder, now: Instant, expiresAt: Instant): Promise<void>;
  find(digest: Buffer, now: Instant): Promise<Visit | null>;
  /** Which of these are still good: neither ended by a log-out or a revoked token, nor expired. */
  stillGood(digests: readonly Buffer[], now: Instant): Promise<ReadonlySet<string>>;
  /** Deletes what has expired. */
  sweep(now: Instant): Promise<void>;
}

export function createVisitStore({ db }: Database): VisitStore {
  return {
    begin: async (digest, { label, account, login, token }, now, expiresAt) => {
      const row = { digest, label, account, login, token, entered_at: now, expires_at: expiresAt };
      await db.insertInto("visits").values(row).execute();
    },
    find: (digest, now) => find(db, digest, now),
    stillGood: async (digests, now) => {
      if (digests.length === 0) return new Set();
      const rows = await db
        .selectFrom("visits")
        .select("digest")
        .where("digest", "in", [...digests])
        .where("expires_at", ">", now)
        .execute();
      return new Set(rows.map(({ digest }) => digest.toString("hex")));
    },
    sweep: async (now) => {
      await db.deleteFrom("visits").where("expires_at", "<=", now).execute();
    },
  };
}

async function find(db: Database["db"], digest: Buffer, now: Instant): Promise<Visit | null> {
  const row = await db
    .selectFrom("visits")
    .innerJoin("origins", "origins.label", "visits.label")
    .select(["visits.digest", "visits.label", "visits.account", "visits.login", "visits.token"])
    .select(["origins.session_id", "origins.role", "origins.endpoint"])
    .where("visits.digest", "=", digest)
    .where("visits.expires_at", ">", now)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { session_id: sessionId, endpoint, ...visit } = row;
  return { ...visit, sessionId, endpoint: endpoint as EndpointKind };
}
