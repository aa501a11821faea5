import { type Document, isCollection, isNode, isPair, isScalar, type LineCounter } from "yaml";
import type { z } from "zod";
import { nearest } from "./nearest.ts";
import { keysAt } from "./schema-keys.ts";

/** One thing that is wrong: in which line (where it is one of the file's), at which key, and why. */
export interface Fault {
  readonly line: number | null;
  readonly key: string;
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** A text of YAML with the means to find the line of a key. */
export interface Source {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** What zod found, each with its line; an unknown key with the one that was probably meant. */
export function faultsOf(issues: readonly z.core.$ZodIssue[], source: Source, schema: z.ZodType): Fault[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== "symbol");
    if (issue.code !== "unrecognized_keys") return [faultAt(source, path, issue.message)];
    const known = keysAt(schema, path, source.document.toJS());
    return issue.keys.map((key) => faultAt(source, [...path, key], unknownKey(key, known)));
  });
}

/** A fault at a key of the file. */
export function faultAt(source: Source, path: Path, message: string): Fault {
  return { line: lineOf(source, path), key: keyOf(path), message };
}

function unknownKey(key: string, known: readonly string[]): string {
  const guess = nearest(key, known);
  return guess === null
    ? `there is no such key; there are ${known.join(", ")}`
    : `there is no such key; did you mean ${guess}?`;
}

function keyOf(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${part}`))
    .join("");
}

/** The line of a key itself; where it is missing, of what should hold it. */
function lineOf({ document, lines }: Source, path: Path): number | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== null) return lines.linePos(offset).line;
  }
  return null;
}

function offsetOf(document: Document.Parsed, path: Path): number | null {
  const [last] = path.slice(-1);
  const holder = path.length === 0 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isCollection(holder) && typeof last === "string") {
    const pair = holder.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === last);
    return isPair(pair) && isScalar(pair.key) ? (pair.key.range?.[0] ?? null) : null;
  }
  const node = path.length === 0 ? holder : document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
