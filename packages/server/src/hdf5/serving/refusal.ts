import type { Refused } from "./messages.ts";

/** Why there is no answer. */
export class Refusal extends Error {
  readonly refused: Refused;
  constructor(refused: Refused, reason: string) {
    super(reason);
    this.refused = refused;
  }
}

export const bounds = {
  /** Bytes of an answer. */
  answer: 64 * 1024 * 1024,
  /** Elements of an answer in text. */
  elements: 8_000_000,
  /** Bytes of a chunk, which the library unpacks as a whole. */
  chunk: 256 * 1024 * 1024,
  /** Members of a group, and attributes of one thing in it, that are listed. */
  members: 50_000,
  attributes: 5_000,
  /** Bytes that the library may hold when it is kept for the next question. */
  kept: 256 * 1024 * 1024,
};
