import type { Instant, Seen, Session, SessionEvent } from "@endstation/core";

/** What a sighting means for a session: events in the order in which they are to happen. */
export function eventsOf(session: Session, seen: Seen | undefined, asOf: Instant): readonly SessionEvent[] {
  if (seen === undefined) {
    const { attempt } = session;
    return [{ type: "observed", attempt, asOf, observation: { state: "nothing" } }];
  }
  const { attempt, observation } = seen;
  const observed: SessionEvent = { type: "observed", attempt, asOf, observation };
  return attempt > session.attempt ? [{ type: "requeued", attempt }, observed] : [observed];
}

/** Of several sightings of one session the newest attempt counts. */
export function bySession(seen: readonly Seen[]): ReadonlyMap<string, Seen> {
  const newest = new Map<string, Seen>();
  for (const one of seen) {
    if (one.attempt >= (newest.get(one.sessionId)?.attempt ?? 0)) newest.set(one.sessionId, one);
  }
  return newest;
}
