import type { Session } from "@endstation/core";

/** A session as queries bring it: activity is kept apart, so that noting it does not touch the session. */
export interface StoredSession {
  readonly document: Session;
  readonly active_at: number | null;
}

/** What sessions from before there was batch do not have. */
const older = { batch: null, retried: 0, exitCode: null } as const;

export function sessionOf({ document, active_at }: StoredSession): Session {
  const lastActivityAt = Math.max(document.lastActivityAt, active_at ?? 0);
  return { ...older, ...document, lastActivityAt };
}
