import type { Instant } from "../time.ts";

/** That a provider takes no new sessions, since when and on whose word. */
export interface Drain {
  readonly provider: string;
  readonly by: string;
  readonly at: Instant;
}

/** What the portal itself holds of its providers. Draining is the portal's state, not the adapter's. */
export interface ProviderStates {
  drains(): Promise<readonly Drain[]>;
  /** Drained already: it stays as it was. */
  drain(drain: Drain): Promise<void>;
  resume(provider: string): Promise<void>;
  /** Since when those that cannot be asked now cannot. */
  outages(): Promise<ReadonlyMap<string, Instant>>;
  /** Sessions that have not ended, by provider; also of providers that are not configured any more. */
  liveSessions(): Promise<ReadonlyMap<string, number>>;
}
