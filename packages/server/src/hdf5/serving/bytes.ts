import { floatOf, stripped } from "./json.ts";
import { classes, type Metadata } from "./library.ts";
import { Refusal } from "./refusal.ts";
import { hasPointers, isNumeric, isReal, membersOf } from "./types.ts";
import type { Values } from "./values.ts";

/** Bytes as NumPy would have them, and in what order. */
export interface Packed {
  readonly bytes: Uint8Array;
  readonly order: "<" | ">";
}

/** Values in the order of the file, or safe for a browser: little-endian floats of four or eight bytes. */
export function packed(values: Values, dtype: "origin" | "safe"): Packed {
  const { type, bytes } = values;
  if (dtype === "safe" && (values.shape === null || !isNumeric(type)))
    throw new Refusal("wrong", "Unsupported dtype safe for non-numeric data");
  if (hasPointers(type)) throw new Refusal("wrong", "values of varying length have no bytes: ask for json");
  if (!type.littleEndian && isReal(type)) return unturned(values, dtype);
  if (dtype === "safe") return { bytes: safe(type, bytes), order: "<" };
  // A single value is in the machine's own order, whatever the file's.
  if (values.order === ">" && (values.shape?.length ?? 0) > 0)
    return { bytes: turned(type, bytes), order: ">" };
  return { bytes: hasPadding(type) ? withoutPadding(type, bytes) : bytes, order: "<" };
}

/** An enumeration that is still in the order of the file. */
function unturned({ type, bytes, shape }: Values, dtype: "origin" | "safe"): Packed {
  const isKept = dtype === "origin" && (shape?.length ?? 0) > 0;
  return isKept ? { bytes, order: ">" } : { bytes: turned(type, bytes), order: "<" };
}

/** The type that `safe` bytes have. */
export function safeType(type: Metadata): Metadata {
  const isOdd = type.type === classes.float && type.size !== 4 && type.size !== 8;
  return isOdd ? { ...type, size: type.size < 4 ? 4 : 8 } : type;
}

function safe(type: Metadata, bytes: Uint8Array): Uint8Array {
  const target = safeType(type);
  if (target === type) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = floatOf(type);
  const count = bytes.length / type.size;
  const numbers = Array.from({ length: count }, (_, index) => read(view, index * type.size));
  const made = target.size === 4 ? Float32Array.from(numbers) : Float64Array.from(numbers);
  return new Uint8Array(made.buffer);
}

/** Every number turned around, into a copy. */
function turned(type: Metadata, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let at = 0; at < copy.length; at += type.size) turn(type, copy, at);
  return copy;
}

function turn(type: Metadata, bytes: Uint8Array, at: number): void {
  if (isReal(type) || type.type === classes.bitfield) bytes.subarray(at, at + type.size).reverse();
  else if (type.type === classes.array) {
    const base = type.array_type as Metadata;
    for (let from = 0; from < type.size; from += base.size) turn(base, bytes, at + from);
  } else for (const member of membersOf(type)) turn(member, bytes, at + member.offset);
}

function hasPadding(type: Metadata): boolean {
  return type.type === classes.string && type.strpad !== 1;
}

/** NumPy fills texts up with NUL, however the file does. */
function withoutPadding(type: Metadata, bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += type.size)
    copy.set(stripped(bytes.subarray(at, at + type.size), type.strpad ?? 0), at);
  return copy;
}
