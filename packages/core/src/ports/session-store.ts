import type { Effect, SessionEvent } from "../session/event.ts";
import type { Phase, Session, SessionId } from "../session/session.ts";
import type { Instant } from "../time.ts";

/** One line of a session's log: the event and what it made of the phase. The log is the accounting. */
export interface LogEntry {
  readonly sessionId: SessionId;
  /** 1, 2, 3 … without a gap within a session; equals the session's version after it. */
  readonly sequence: number;
  readonly at: Instant;
  readonly event: SessionEvent | { readonly type: "created" };
  readonly phase: Phase;
}

/** A change that is written whole or not at all. */
export interface SessionChange {
  /** As it shall be; its `version` is the entry's `sequence`. */
  readonly session: Session;
  readonly entry: LogEntry;
  readonly effects: readonly Effect[];
}

export interface Creation extends SessionChange {
  /** Sessions that are made together with it, all or none: the rest of its array. */
  readonly others?: readonly SessionChange[];
  /** The text of the program that they run. */
  readonly script?: string;
  /** Live batch sessions of an owner are counted apart from all others. */
  readonly limit: { readonly perOwner: number };
  /** The same key and digest again gives the session made first. */
  readonly idempotency: { readonly key: string; readonly digest: string } | null;
}

export type Created =
  | { readonly result: "created" }
  | { readonly result: "repeated"; readonly session: Session }
  | { readonly result: "over-limit"; readonly running: number }
  | { readonly result: "key-reused" };

/** Whose sessions a list shows. */
export type SessionFilter = {
  /** Sessions of this owner, or shared with her. Absent: everybody's. */
  readonly visibleTo?: string;
  readonly proposal?: string;
  readonly phase?: "live" | "ended";
  /** Those that were asked for together. */
  readonly array?: SessionId;
};

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor: string | null;
}

/** How a person may enter somebody else's session. */
export type ShareRole = "member" | "viewer" | "support";

export interface Share {
  readonly sessionId: SessionId;
  readonly account: string;
  readonly as: ShareRole;
  readonly until: Instant | null;
  readonly by: string;
  readonly at: Instant;
  /** The link it came by; null: by the owner's own hand. */
  readonly link: string | null;
}

/** Where sessions are kept. Session, entry and effects of a change go into one transaction, routes with them. */
export interface SessionStore {
  get(id: SessionId): Promise<Session | null>;
  list(filter: SessionFilter, page: PageRequest): Promise<Page<Session>>;
  /** Makes sessions; the owner's count of live sessions is checked in the same transaction. */
  create(creation: Creation): Promise<Created>;
  /** Writes a change if the stored version is still `session.version - 1`. */
  save(change: SessionChange): Promise<"saved" | "conflict">;
  log(id: SessionId): Promise<readonly LogEntry[]>;
  shares(id: SessionId): Promise<readonly Share[]>;
}
