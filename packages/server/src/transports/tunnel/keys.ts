import { createHash, createHmac, randomBytes } from "node:crypto";
import { type Attempt, nameOf } from "./attempt.ts";

/**
 * Which keys open an attempt's tunnel. Only SHA-256 digests come here: comparing them takes no secret's time, for nobody
 * can choose a digest. An attempt has one valid key and may have been offered the next; each call is one atomic step.
 */
export interface TunnelKeys {
  /** Makes an attempt known with its first key; one that is known, or revoked, stays as it is. */
  enrol(of: Attempt, first: Buffer): Promise<void>;
  /**
   * For a control connection: `presented`, the valid key or the one offered, is the valid one from now on, every other
   * is void, and `next` is offered. False, and nothing changes, for any other key.
   */
  exchange(of: Attempt, presented: Buffer, next: Buffer): Promise<boolean>;
  /** For a stream: as `exchange`, but nothing new is offered. */
  accept(of: Attempt, presented: Buffer): Promise<boolean>;
  /** Voids every key for good, also before the attempt was enrolled. */
  revoke(of: Attempt): Promise<void>;
  /** Those of `attempts` that were revoked, by whichever process. */
  revokedAmong(attempts: readonly Attempt[]): Promise<readonly Attempt[]>;
}

/** The same whoever asks, so that no process needs to tell another. */
export function firstKey(secret: Buffer, of: Attempt): string {
  return createHmac("sha256", secret).update(nameOf(of)).digest("base64url");
}

export function newKey(): string {
  return randomBytes(32).toString("base64url");
}

export function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
