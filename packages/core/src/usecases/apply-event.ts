import { EndstationError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { SessionStore } from "../ports/session-store.ts";
import type { LifeLimits, SessionEvent } from "../session/event.ts";
import { decide, type Outcome } from "../session/lifecycle.ts";
import type { Session, SessionId } from "../session/session.ts";

export interface ApplyDeps {
  readonly store: Pick<SessionStore, "get" | "save">;
  readonly clock: Clock;
  readonly limits: LifeLimits;
}

const tries = 20;

/**
 * Lets an event happen to a session: read, decide, write; repeated when somebody else wrote meanwhile.
 * An event that changes nothing writes nothing. Null when there is no such session.
 */
export async function applyEvent(
  deps: ApplyDeps,
  id: SessionId,
  event: SessionEvent,
): Promise<Session | null> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const session = await deps.store.get(id);
    if (session === null) return null;
    const now = deps.clock.now();
    const outcome = decide(session, event, now, deps.limits);
    if (outcome.session === session && outcome.effects.length === 0) return session;
    const change = changeOf(outcome, event, now);
    if ((await deps.store.save(change)) === "saved") return change.session;
  }
  throw new EndstationError(
    "changed-meanwhile",
    `session ${id} kept changing while "${event.type}" was to be written`,
  );
}

function changeOf(outcome: Outcome, event: SessionEvent, now: number) {
  const session: Session = { ...outcome.session, version: outcome.session.version + 1 };
  const entry = { sessionId: session.id, sequence: session.version, at: now, event, phase: session.phase };
  return { session, entry, effects: outcome.effects };
}
