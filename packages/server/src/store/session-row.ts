import type { Session } from "@endstation/core";

/** A session as queries bring it: activity is kept apart, so that noting it does not touch the session. */
export interface StoredSession {
  readonly document: Session;
  readonly active_at: number | null;
}

export function sessionOf({ document, active_at }: StoredSession): Session {
  return active_at === null || active_at <= document.lastActivityAt
    ? document
    : { ...document, lastActivityAt: active_at };
}
