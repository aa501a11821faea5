import type { LogEntry } from "../ports/session-store.ts";
import type { Instant } from "../time.ts";

/** A stretch of time in which a session ran: from `from` on, before `to`. */
export interface RunningInterval {
  readonly sessionId: string;
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * The running intervals of one session, folded from its log in order; one that still runs is counted up to `now`.
 * Each interval appears exactly once, however often the log is folded.
 */
export function runningIntervals(log: readonly LogEntry[], now: Instant): readonly RunningInterval[] {
  const intervals: RunningInterval[] = [];
  let open: { sessionId: string; from: Instant } | null = null;
  for (const entry of log) {
    if (entry.phase === "running") open ??= { sessionId: entry.sessionId, from: entry.at };
    else if (open !== null) {
      intervals.push({ ...open, to: entry.at });
      open = null;
    }
  }
  return open === null ? intervals : [...intervals, { ...open, to: Math.max(now, open.from) }];
}

/** Seconds of running time within a period. */
export function runningSeconds(intervals: readonly RunningInterval[], from: Instant, to: Instant): number {
  const milliseconds = intervals.reduce(
    (sum, interval) => sum + Math.max(0, Math.min(interval.to, to) - Math.max(interval.from, from)),
    0,
  );
  return milliseconds / 1000;
}
