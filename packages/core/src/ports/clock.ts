import type { Instant } from "../time.ts";

/** The only source of time in the domain. */
export interface Clock {
  now(): Instant;
}

/** The only source of chance in the domain. */
export interface Ids {
  /** A fresh session id: `s-` and 20 letters or digits, unguessable. */
  sessionId(): string;
}
