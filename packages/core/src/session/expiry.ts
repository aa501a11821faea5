import type { Instant } from "../time.ts";
import type { LifeLimits } from "./event.ts";
import type { Session } from "./session.ts";

export type Expiry =
  | { readonly due: "nothing" }
  | { readonly due: "warn" }
  | { readonly due: "stop"; readonly reason: "idle" | "expired" };

/**
 * Whether a session's time is up: at `expiresAt`, or after `idleAfter` without activity while it runs, each announced
 * `warnBefore` ahead. Nobody is stopped unwarned: when the warning came late, the stop waits until `warnBefore` after it;
 * when activity or an extension moved the end, it is warned of anew.
 */
export function expire(session: Session, now: Instant, limits: LifeLimits): Expiry {
  if (session.phase !== "running" && session.phase !== "suspended") return { due: "nothing" };
  const end = endOf(session, limits);
  const warnAt = end.at - limits.warnBefore;
  if (now < warnAt) return { due: "nothing" };
  if (session.warnedAt === null || session.warnedAt < warnAt) return { due: "warn" };
  const stopAt = Math.max(end.at, session.warnedAt + limits.warnBefore);
  return now < stopAt ? { due: "nothing" } : { due: "stop", reason: end.reason };
}

function endOf(session: Session, limits: LifeLimits): { at: Instant; reason: "idle" | "expired" } {
  const mayIdle = limits.idleAfter !== null && session.phase === "running" && session.endpoints.length > 0;
  const idleAt = mayIdle ? session.lastActivityAt + (limits.idleAfter ?? 0) : Number.POSITIVE_INFINITY;
  return idleAt < session.expiresAt
    ? { at: idleAt, reason: "idle" }
    : { at: session.expiresAt, reason: "expired" };
}
