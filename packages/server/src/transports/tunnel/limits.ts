/** What anybody, or one session, may take of us. */
export interface Limits {
  /** Bytes of a connection's first line. */
  readonly helloBytes: number;
  /** Milliseconds until that line is there, TLS included. */
  readonly helloWithin: number;
  /** Connections at once that have not shown a valid key; one more, and the oldest goes. */
  readonly strangers: number;
  /** Keys looked up at once: whoever knocks without end leaves the database to others. */
  readonly lookUps: number;
  /** Per session: streams that stand ready or are being asked for. */
  readonly spares: number;
  /** Per session: calls of `dial` that wait for a stream. */
  readonly waiting: number;
  /** Milliseconds that each of them waits. */
  readonly waitFor: number;
  /** Per session: connections from inside to the portal. */
  readonly inward: number;
  /** Milliseconds between two pings, either way. */
  readonly ping: number;
  /** Milliseconds without a ping after which either side gives the other up. */
  readonly silence: number;
}

export const defaultLimits: Limits = {
  helloBytes: 4_096,
  helloWithin: 10_000,
  strangers: 256,
  lookUps: 8,
  spares: 64,
  waiting: 1_024,
  waitFor: 10_000,
  inward: 16,
  ping: 15_000,
  silence: 45_000,
};
