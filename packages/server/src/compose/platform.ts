import { randomInt } from "node:crypto";
import type { Clock, Ids } from "@endstation/core";

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

/** The clock and the dice of this machine. */
export const platform: Clock & Ids = {
  now: () => Date.now(),
  sessionId: () => `s-${Array.from({ length: 20 }, () => letters[randomInt(letters.length)]).join("")}`,
};
