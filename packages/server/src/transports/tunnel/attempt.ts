import type { SessionId } from "@endstation/core";

/** One start of a session: what a tunnel belongs to. */
export interface Attempt {
  readonly sessionId: SessionId;
  readonly attempt: number;
}

/** Its name in logs, in maps and in the first key. */
export function nameOf({ sessionId, attempt }: Attempt): string {
  return `${sessionId}.${attempt}`;
}
