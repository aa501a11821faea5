import { createHash, randomBytes } from "node:crypto";

/** A secret nobody can guess, 43 characters that need no escaping. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a secret: who reads the database cannot enter. */
export function digestOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
