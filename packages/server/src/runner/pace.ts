/** How often and how long the runner waits; all in milliseconds. */
export interface Pace {
  /** The slow look behind every notification. */
  readonly pollEvery: number;
  readonly tickEvery: number;
  /** How often owners' rights to the data of their sessions are asked again. */
  readonly rightsEvery: number;
  /** How long an effect, and a provider's observation, stay ours without a sign of life. */
  readonly lease: number;
  /** Pause after a failure: the first, doubled up to the longest, each shortened by chance to as little as half. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** Between two probes of an endpoint: from the first, growing to the longest. */
  readonly firstProbe: number;
  readonly longestProbe: number;
  /** Longest time of one call of a provider, and of one probe. */
  readonly callWithin: number;
  readonly probeWithin: number;
  /** A provider that cannot be asked for so long counts as out of contact. */
  readonly contactLostAfter: number;
  /** How long `stop` lets calls finish that are under way. */
  readonly drainWithin: number;
  /** Calls at once per provider. */
  readonly atOnce: number;
}

export const usualPace: Pace = {
  pollEvery: 2_000,
  tickEvery: 1_000,
  rightsEvery: 30_000,
  lease: 9_000,
  firstPause: 200,
  longestPause: 30_000,
  firstProbe: 40,
  longestProbe: 1_000,
  callWithin: 60_000,
  probeWithin: 5_000,
  contactLostAfter: 5_000,
  drainWithin: 5_000,
  atOnce: 64,
};

/** The pause after the n-th failure in a row, n from 1. */
export function pauseAfter(pace: Pace, failures: number): number {
  const full = Math.min(pace.longestPause, pace.firstPause * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + Math.random() / 2);
}
