import { type Clock, EndstationError } from "@endstation/core";

export interface RateLimitOptions {
  readonly most: number;
  readonly withinMs: number;
  readonly clock: Clock;
}

export interface RateLimit {
  /** Counts one more for `key`. @throws too-many-requests when that is over the limit; `what` names it. */
  count(key: string, what: string): void;
}

const mostKeys = 10_000;

/** Counts within fixed spans, in this process: a brake on guessing, not an account of anything. */
export function createRateLimit({ most, withinMs, clock }: RateLimitOptions): RateLimit {
  const counts = new Map<string, { readonly until: number; count: number }>();
  return {
    count: (key, what) => {
      const now = clock.now();
      const known = counts.get(key);
      const entry = known === undefined || known.until <= now ? { until: now + withinMs, count: 0 } : known;
      entry.count += 1;
      if (counts.size >= mostKeys && entry !== known) forgetOldest(counts);
      counts.delete(key);
      counts.set(key, entry);
      if (entry.count <= most) return;
      const retryAfterSeconds = Math.max(1, Math.ceil((entry.until - now) / 1000));
      throw new EndstationError(
        "too-many-requests",
        `too many ${what}; try again in ${retryAfterSeconds} s`,
        {
          details: { retryAfterSeconds },
        },
      );
    },
  };
}

function forgetOldest(counts: Map<string, unknown>): void {
  const oldest = counts.keys().next();
  if (oldest.done === false) counts.delete(oldest.value);
}
