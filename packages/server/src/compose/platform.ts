import { randomInt } from "node:crypto";
import type { Clock, Ids, Secrets } from "@endstation/core";
import { digestOf, newSecret } from "../gateway/secrets.ts";

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

/** The clock and the dice of this machine. */
export const platform: Clock & Ids = {
  now: () => Date.now(),
  sessionId: () => `s-${Array.from({ length: 20 }, () => letters[randomInt(letters.length)]).join("")}`,
};

/** Names and secrets of links and requests; of a secret its digest is kept. */
export const secrets: Secrets = {
  id: () => Array.from({ length: 20 }, () => letters[randomInt(letters.length)]).join(""),
  secret: newSecret,
  digestOf: (secret) => digestOf(secret).toString("hex"),
};
