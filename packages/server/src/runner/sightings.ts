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

/** Of several sightings of one session the newest attempt counts; how earlier ones ended is no news of it. */
export function newestOf(session: Session, seen: readonly Seen[]): Seen | undefined {
  const [newest] = seen.toSorted((a, b) => b.attempt - a.attempt);
  return newest !== undefined && newest.attempt >= session.attempt ? newest : undefined;
}

/** Earlier attempts that were thought to be gone and run after all, and not as the present one under its handle. */
export function outdatedOf(session: Session, seen: readonly Seen[]): readonly Seen[] {
  return seen.filter(({ attempt, handle }) => attempt < session.attempt && handle !== session.handle);
}
