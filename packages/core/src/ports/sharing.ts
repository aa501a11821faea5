import type { Principal } from "../identity/principal.ts";
import type { SessionId } from "../session/session.ts";
import type { Instant } from "../time.ts";
import type { Page, PageRequest, Share, ShareRole } from "./session-store.ts";

/** What a link can make of somebody. */
export type LinkRole = "member" | "viewer";

/** A way to be let in for whoever may log in and holds its secret; of that only SHA-256 is kept. */
export interface ShareLink {
  readonly id: string;
  readonly sessionId: SessionId;
  readonly as: LinkRole;
  readonly until: Instant;
  /** How many people may come by it; null: as many as do. */
  readonly mostUses: number | null;
  readonly by: string;
  readonly at: Instant;
  readonly revokedAt: Instant | null;
  readonly uses: readonly LinkUse[];
}

export interface LinkUse {
  readonly account: string;
  readonly at: Instant;
}

export type RequestState = "open" | "accepted" | "declined" | "withdrawn" | "expired";

/** Somebody asks to be let in. */
export interface JoinRequest {
  readonly id: string;
  readonly sessionId: SessionId;
  readonly account: string;
  readonly as: ShareRole;
  readonly reason: string | null;
  readonly state: RequestState;
  readonly at: Instant;
  /** Until when it can be answered. */
  readonly until: Instant;
  readonly answeredAt: Instant | null;
}

/** A request as lists show it: with the session's name and owner, who is asked. */
export interface ListedRequest extends JoinRequest {
  readonly session: { readonly name: string; readonly owner: string };
}

export type AuditAction =
  | "shared"
  | "unshared"
  | "handed-over"
  | "link-made"
  | "link-revoked"
  | "link-taken"
  | "link-refused"
  | "asked"
  | "accepted"
  | "declined"
  | "withdrawn"
  | "support-let-in"
  | "entered"
  | "ended";

/** One line of what is recorded of who was let into a session: written, never changed, never deleted. No secret in it. */
export interface AuditEntry {
  readonly sessionId: SessionId;
  readonly at: Instant;
  readonly action: AuditAction;
  /** Who did it; null: the portal by itself. */
  readonly account: string | null;
  /** Whom it concerns, where that is another. */
  readonly whom: string | null;
  readonly role: string | null;
  /** Until when what was given is good. */
  readonly until: Instant | null;
  /** By what: `log-in`, `access token`, `link ID`, `request ID`, `the facility's rule`. */
  readonly way: string | null;
  readonly reason: string | null;
}

export interface StoredAuditEntry extends AuditEntry {
  readonly id: string;
}

/** Somebody who is inside now. */
export interface Present {
  readonly account: string;
  readonly role: "owner" | ShareRole;
  readonly since: Instant;
}

/** How often somebody may ask: so many within the time since then. */
export interface AskLimits {
  readonly since: Instant;
  readonly perSession: number;
  readonly inAll: number;
}

/** Where it is kept who else may enter, by what, and what became of it. Each change goes into one transaction with its entry. */
export interface Sharing {
  accountNamed(account: string): Promise<Principal | null>;
  /** Adds a share, or changes the one this account has. One that was removed may come by links again. */
  addShare(share: Share, entry: AuditEntry): Promise<void>;
  /** Removes it; who was removed comes by no link any more. Nothing is recorded where there was none. */
  removeShare(sessionId: SessionId, account: string, entry: AuditEntry): Promise<void>;

  links(sessionId: SessionId): Promise<readonly ShareLink[]>;
  linkBy(digest: string): Promise<ShareLink | null>;
  addLink(link: ShareLink, digest: string, entry: AuditEntry): Promise<void>;
  /** Whether there was one to revoke; `andShares`: what came by it goes too. */
  revokeLink(link: ShareLink, andShares: boolean, entry: AuditEntry): Promise<boolean>;
  /** Counts the use and makes the share, or says why not; looked at again under a lock. */
  takeLink(link: ShareLink, share: Share, entry: AuditEntry): Promise<"taken" | "no-more" | "removed">;

  ask(request: JoinRequest, limits: AskLimits, entry: AuditEntry): Promise<"asked" | "already" | "too-many">;
  /** Support that is let in by the facility's rule: request, share and entry at once; the owner is told. */
  letSupportIn(
    request: JoinRequest,
    share: Share,
    limits: AskLimits,
    entry: AuditEntry,
  ): Promise<"asked" | "already" | "too-many">;
  request(id: string, now: Instant): Promise<JoinRequest | null>;
  /** Those that are open to be answered by her, and what became of hers since then; the newest first. */
  requestsOf(account: string, since: Instant, now: Instant): Promise<readonly ListedRequest[]>;
  /** Closes an open one, with the share when it is accepted; false when it is open no longer. */
  closeRequest(
    request: JoinRequest,
    state: "accepted" | "declined" | "withdrawn",
    share: Share | null,
    entry: AuditEntry,
  ): Promise<boolean>;

  record(entry: AuditEntry): Promise<void>;
  /** The newest first. */
  audit(sessionId: SessionId, page: PageRequest): Promise<Page<StoredAuditEntry>>;
  present(sessionId: SessionId): Promise<readonly Present[]>;
}

/** Names and secrets that nobody can guess. */
export interface Secrets {
  id(): string;
  secret(): string;
  digestOf(secret: string): string;
}
