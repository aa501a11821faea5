import type { Instant } from "../time.ts";
import type { LifeLimits } from "./event.ts";
import { decide } from "./lifecycle.ts";
import type { Session } from "./session.ts";

/** Whether a tick would do something to it now. */
export function isDue(session: Session, now: Instant, limits: LifeLimits): boolean {
  const outcome = decide(session, { type: "tick" }, now, limits);
  return outcome.session !== session || outcome.effects.length > 0;
}

/**
 * When the session is to be ticked next, if it stays as it is: now, or the next moment at which a tick might do something.
 * One look too many is cheap, one too few would let a session live on. Null when no deadline is ahead.
 */
export function nextLook(session: Session, now: Instant, limits: LifeLimits): Instant | null {
  if (isDue(session, now, limits)) return now;
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
