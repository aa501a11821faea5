import { decide, type Instant, type LifeLimits, type Session } from "@endstation/core";

/** Whether a tick would do something to it now. */
export function isDue(session: Session, now: Instant, limits: LifeLimits): boolean {
  const outcome = decide(session, { type: "tick" }, now, limits);
  return outcome.session !== session || outcome.effects.length > 0;
}

/**
 * The next moment after `now` at which a tick might do something, if the session stays as it is: one look too many is
 * cheap, one too few would let a session live on. Null when no deadline is ahead.
 */
export function nextLook(session: Session, now: Instant, limits: LifeLimits): Instant | null {
  const { expiresAt, warnedAt, lastActivityAt, stages, createdAt } = session;
  const idleAt = lastActivityAt + (limits.idleAfter ?? 0);
  const moments = [
    (stages.at(-1)?.at ?? createdAt) + limits.startWithin,
    expiresAt - limits.warnBefore,
    expiresAt,
    idleAt - limits.warnBefore,
    idleAt,
    (warnedAt ?? 0) + limits.warnBefore,
  ].filter((moment) => moment > now);
  return moments.length === 0 ? null : Math.min(...moments);
}
