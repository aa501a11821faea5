import fs from "node:fs";
import { cleanText } from "./text.ts";

let caught = 0;
let said = "";

/** Notes that the library gave up on something: it may be in any state from then on. */
export function noteFault(): void {
  caught += 1;
}

/** Whether it ever did: then this process reads no other file. */
export function hasFaults(): boolean {
  return caught > 0;
}

/** Whether the library has complained since it was last asked for the reason. */
export function hasComplained(): boolean {
  return said !== "";
}

/** Keeps what the library writes to stderr, which is where it says why. */
export function listenToLibrary(): void {
  const write = fs.writeSync as (...args: unknown[]) => number;
  const listening = (...args: unknown[]) => {
    const [descriptor, data, ...rest] = args;
    if (descriptor !== 2) return write(...args);
    const { text, length } = textOf(data, rest);
    said = (said + text).slice(-20_000);
    return length;
  };
  Object.assign(fs, { writeSync: listening });
}

function textOf(data: unknown, [offset, length]: readonly unknown[]): { text: string; length: number } {
  if (!ArrayBuffer.isView(data)) return { text: String(data), length: String(data).length };
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const start = typeof offset === "number" ? offset : 0;
  const part = bytes.subarray(start, typeof length === "number" ? start + length : undefined);
  return { text: part.toString("utf8"), length: part.length };
}

/** Why something failed, for a person: what the library said last and deepest, else what was thrown. */
export function reasonOf(error: unknown): string {
  const lines = [...said.matchAll(/^ {2}#\d+: .*?\(\): (.+)$/gm)].map((match) => match[1] ?? "");
  const thrown = error instanceof Error ? error.message : String(error);
  said = "";
  return (
    cleanText((lines.at(-1) ?? thrown).replace(/\. Check either .*/, ""), 200) ?? "for an unknown reason"
  );
}
