import {
  type AdmissionLimits,
  authorizeScope,
  type Clock,
  demand,
  EndstationError,
  hour,
} from "@endstation/core";
import { type Handlers, wireInstant } from "./handlers.ts";

/** What one person's sessions came to in a period. */
export interface UsageOfPerson {
  readonly sessionsStarted: number;
  readonly runningSeconds: number;
  readonly live: number;
  readonly liveBatch: number;
}

export interface UsageDeps {
  readonly clock: Clock;
  readonly limits: Pick<AdmissionLimits, "sessionsPerPerson" | "batchSessionsPerPerson">;
  usageOf(account: string, from: number, to: number): Promise<UsageOfPerson>;
}

const defaultPeriod = 30 * 24 * hour;

export function usageHandlers({ clock, limits, usageOf }: UsageDeps): Pick<Handlers, "getUsage"> {
  return {
    getUsage: async ({ principal, query }) => {
      demand(authorizeScope(principal, "read"));
      const to = query.to === undefined ? clock.now() : Date.parse(query.to);
      const from = query.from === undefined ? to - defaultPeriod : Date.parse(query.from);
      if (from > to) throw new EndstationError("malformed-request", "query.from: is later than query.to");
      const usage = await usageOf(principal.account, from, to);
      return {
        ...usage,
        from: wireInstant(from),
        to: wireInstant(to),
        liveLimit: limits.sessionsPerPerson,
        liveBatchLimit: limits.batchSessionsPerPerson,
      };
    },
  };
}
