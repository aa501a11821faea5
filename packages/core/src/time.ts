/** A moment: milliseconds since the Unix epoch, UTC. It always comes in as an argument; core has no clock. */
export type Instant = number;

/** A span of time in milliseconds. */
export type Milliseconds = number;

export const second: Milliseconds = 1_000;
export const minute: Milliseconds = 60 * second;
export const hour: Milliseconds = 60 * minute;
export const day: Milliseconds = 24 * hour;
