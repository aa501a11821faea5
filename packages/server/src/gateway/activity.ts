import { type Clock, type Instant, minute, type SessionId } from "@endstation/core";

/** Tells of activity in sessions, each at most once a minute however much there is. */
export interface Activity {
  note(sessionId: SessionId): void;
}

export function createActivity(clock: Clock, record: (sessionId: SessionId, at: Instant) => void): Activity {
  const told = new Map<SessionId, Instant>();
  return {
    note: (sessionId) => {
      const now = clock.now();
      if (now - (told.get(sessionId) ?? Number.NEGATIVE_INFINITY) < minute) return;
      for (const [id, at] of told) if (now - at >= minute) told.delete(id);
      told.set(sessionId, now);
      record(sessionId, now);
    },
  };
}
