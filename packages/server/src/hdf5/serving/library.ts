import h5wasm, { type Metadata } from "h5wasm/node";
import { hasComplained, reasonOf } from "../worker/faults.ts";
import { Refusal } from "./refusal.ts";

export type { Metadata };

/** The HDF5 library itself, below its classes. It tells of a failure on stderr and by what it returns; it does not throw. */
export const library = await h5wasm.ready;

/** Classes of types, by HDF5's own numbers. */
export const classes = {
  integer: 0,
  float: 1,
  string: 3,
  bitfield: 4,
  opaque: 5,
  compound: 6,
  reference: 7,
  enumeration: 8,
  vlen: 9,
  array: 10,
} as const;

/** What the library says; null when it says that it could not. */
export function tried<Answer>(call: () => Answer, canComplain = false): Answer | null {
  reasonOf(null);
  let answer: Answer;
  try {
    answer = call();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) throw error;
    return null;
  }
  return hasComplained() && !canComplain ? null : answer;
}

/** What the library says. @throws Refusal with its own words when it could not. */
export function demanded<Answer>(what: string, call: () => Answer, canComplain = false): Answer {
  const answer = tried(call, canComplain);
  if (answer === null)
    throw new Refusal("broken", `${what} cannot be read: ${reasonOf("the file is damaged")}`);
  return answer;
}

/** Bytes of the library's memory. */
export function memoryHeld(): number {
  return library.HEAPU8.byteLength;
}
