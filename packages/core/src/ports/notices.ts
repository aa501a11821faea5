import type { Notice } from "../session/event.ts";
import type { Session } from "../session/session.ts";
import type { Instant } from "../time.ts";
import type { Page, PageRequest } from "./session-store.ts";

/** Something that a session's owner was told. */
export interface StoredNotice {
  readonly id: string;
  readonly message: Notice;
  readonly at: Instant;
  readonly read: boolean;
  /** As it is now. */
  readonly session: Session;
}

/** What owners are told, kept for them to find. */
export interface NoticeStore {
  /** Whether it is news: the same told again is none, and browsers hear of it once. */
  tell(session: Session, message: Notice, at: Instant): Promise<boolean>;
  /** Whether this notice went out by e-mail. */
  isMailed(session: Session, message: Notice, at: Instant): Promise<boolean>;
  markMailed(session: Session, message: Notice, at: Instant): Promise<void>;
  /** The newest first. */
  list(account: string, page: PageRequest): Promise<Page<StoredNotice>>;
  unread(account: string): Promise<number>;
  markRead(account: string, ids: readonly string[]): Promise<void>;
  /** Forgets those from before. */
  forget(before: Instant): Promise<void>;
}
