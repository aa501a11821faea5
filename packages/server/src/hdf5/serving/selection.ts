import { Refusal } from "./refusal.ts";

/** A part of one dimension; `drops`: it was named by one number and is no dimension of the answer. */
export interface Part {
  readonly start: number;
  readonly count: number;
  readonly step: number;
  readonly drops: boolean;
}

/** What `1,2:5,::10` takes of a shape, with the meaning that NumPy gives it. @throws Refusal when it is none. */
export function partsOf(selection: string | null, shape: readonly number[]): readonly Part[] {
  const members = selection === null ? [] : selection.split(",");
  if (members.length > shape.length)
    throw new Refusal("wrong", `${selection} has too many members to slice a ${shape.length}D dataset`);
  return shape.map((length, dimension) => partOf(members[dimension] ?? ":", length));
}

export function shapeOf(parts: readonly Part[]): number[] {
  return parts.filter((part) => !part.drops).map((part) => part.count);
}

export function isWhole(parts: readonly Part[], shape: readonly number[]): boolean {
  return parts.every((part, dimension) => part.count === shape[dimension] && part.step === 1);
}

function partOf(member: string, length: number): Part {
  const pieces = member.split(":");
  if (pieces.length > 3) throw new Refusal("wrong", `${member} is not a valid slice`);
  if (pieces.length === 1) return indexOf(numberOf(member), length);
  const [first, last, steps] = pieces.map((piece) => (piece === "" ? null : numberOf(piece)));
  const step = steps ?? 1;
  if (step < 1) throw new Refusal("wrong", `the step of ${member} must be at least 1`);
  const start = clipped(first ?? 0, length);
  const stop = Math.max(start, clipped(last ?? length, length));
  return { start, count: Math.ceil((stop - start) / step), step, drops: false };
}

function indexOf(index: number, length: number): Part {
  const start = index < 0 ? index + length : index;
  if (start < 0 || start >= length)
    throw new Refusal("wrong", `the index ${index} is out of 0 to ${length - 1}`);
  return { start, count: 1, step: 1, drops: true };
}

function clipped(bound: number, length: number): number {
  return Math.min(length, Math.max(0, bound < 0 ? bound + length : bound));
}

function numberOf(text: string): number {
  if (!/^\s*[+-]?\d{1,15}\s*$/.test(text)) throw new Refusal("wrong", `${text} is not a valid index`);
  return Number(text);
}
