import type { Instant } from "@endstation/core";
import type { Database } from "./database.ts";

/** Who may enter through an origin, and by which log-in or access token: with that, the right to be inside ends. */
export interface TicketHolder {
  /** The origin's label: it stands for session, role and endpoint. */
  readonly label: string;
  readonly account: string;
  readonly login: string | null;
  readonly token: string | null;
}

/** Tickets: kept as digests, taken once. */
export interface TicketStore {
  keep(digest: Buffer, holder: TicketHolder, expiresAt: Instant, now: Instant): Promise<void>;
  /** Takes it away; null when it was never made, is used, expired, or of another origin. */
  take(digest: Buffer, label: string, now: Instant): Promise<TicketHolder | null>;
  /** The label of a session's origin; null when it has none of this kind (yet). */
  labelOf(sessionId: string, role: string, endpoint: string): Promise<string | null>;
}

export function createTicketStore({ db }: Database): TicketStore {
  return {
    keep: async (digest, { label, account, login, token }, expiresAt, now) => {
      await db.deleteFrom("tickets").where("expires_at", "<=", now).execute();
      await db
        .insertInto("tickets")
        .values({ digest, label, account, login, token, expires_at: expiresAt })
        .execute();
    },
    take: async (digest, label, now) => {
      const taken = await db
        .deleteFrom("tickets")
        .where("digest", "=", digest)
        .where("label", "=", label)
        .where("expires_at", ">", now)
        .returning(["label", "account", "login", "token"])
        .executeTakeFirst();
      return taken ?? null;
    },
    labelOf: async (sessionId, role, endpoint) => {
      const found = await db
        .selectFrom("origins")
        .select("label")
        .where("session_id", "=", sessionId)
        .where("role", "=", role)
        .where("endpoint", "=", endpoint)
        .executeTakeFirst();
      return found?.label ?? null;
    },
  };
}
