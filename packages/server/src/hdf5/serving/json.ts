import { classes, library, type Metadata } from "./library.ts";
import { bounds, Refusal } from "./refusal.ts";
import { isBoolean, isComplex, membersOf } from "./types.ts";

/** Turns the value at a place of `view` into JSON. */
export type TextOf = (view: DataView, at: number) => string;

/**
 * How values of a type become JSON. `isPlain`: they stand in an array of their own and in this machine's order, where
 * h5grove gives a small float by its own shortest digits and not by those of the double that it equals.
 */
export function textOf(type: Metadata, isPlain: boolean): TextOf {
  if (isBoolean(type)) return (view, at) => (view.getUint8(at) === 0 ? "false" : "true");
  if (isComplex(type)) return complexText(type);
  switch (type.type) {
    case classes.integer:
    case classes.enumeration:
    case classes.bitfield:
      return integerText(type);
    case classes.float:
      return floatText(type, isPlain);
    case classes.string:
      return type.vlen ? pointedText() : fixedText(type);
    case classes.opaque:
      return (view, at) => JSON.stringify(decoded(bytesAt(view, at, type.size)));
    case classes.reference:
      return referenceText(type);
    case classes.compound:
      return compoundText(type);
    case classes.array:
      return arrayText(type);
    case classes.vlen:
      return vlenText(type);
    default:
      throw new Refusal("wrong", `values of HDF5's class ${type.type} are not supported`);
  }
}

/** Nested lists of a shape. @throws Refusal when it becomes too long. */
export function listOf(shape: readonly number[], element: (index: number) => string): string {
  let index = 0;
  let length = 0;
  const level = (depth: number): string => {
    const parts: string[] = [];
    const isLast = depth === shape.length - 1;
    for (let number = shape[depth] ?? 0; number > 0; number -= 1) {
      const part = isLast ? element(index++) : level(depth + 1);
      if (isLast) length += part.length + 1;
      if (length > bounds.answer) throw new Refusal("too-large", tooLong);
      parts.push(part);
    }
    return `[${parts.join(",")}]`;
  };
  return shape.length === 0 ? element(0) : level(0);
}

export const tooLong = `the answer is longer than ${bounds.answer / 2 ** 20} MiB: ask for a part of it`;

function integerText({ size, signed, littleEndian }: Metadata): TextOf {
  if (size === 1) return signed ? (view, at) => `${view.getInt8(at)}` : (view, at) => `${view.getUint8(at)}`;
  if (size === 2)
    return signed
      ? (view, at) => `${view.getInt16(at, littleEndian)}`
      : (view, at) => `${view.getUint16(at, littleEndian)}`;
  if (size === 4)
    return signed
      ? (view, at) => `${view.getInt32(at, littleEndian)}`
      : (view, at) => `${view.getUint32(at, littleEndian)}`;
  if (size === 8)
    return signed
      ? (view, at) => `${view.getBigInt64(at, littleEndian)}`
      : (view, at) => `${view.getBigUint64(at, littleEndian)}`;
  throw new Refusal("wrong", `integers of ${size} bytes are not supported`);
}

function floatText(type: Metadata, isPlain: boolean): TextOf {
  const read = floatOf(type);
  return isPlain && type.size <= 4
    ? (view, at) => singleText(read(view, at))
    : (view, at) => doubleText(read(view, at));
}

/** Reads a float as a double. */
export function floatOf({ size, littleEndian }: Metadata): (view: DataView, at: number) => number {
  if (size === 2) return (view, at) => view.getFloat16(at, littleEndian);
  if (size === 4) return (view, at) => view.getFloat32(at, littleEndian);
  if (size === 8) return (view, at) => view.getFloat64(at, littleEndian);
  if (size === 16 && littleEndian) return extendedOf;
  throw new Refusal("wrong", `floats of ${size} bytes are not supported`);
}

/** The 80 bits of a PC's `long double`, as far as a double holds them. */
function extendedOf(view: DataView, at: number): number {
  const head = view.getUint16(at + 8, true);
  const mantissa = view.getBigUint64(at, true);
  const sign = head & 0x80_00 ? -1 : 1;
  const exponent = head & 0x7f_ff;
  if (exponent === 0x7f_ff)
    return mantissa << 1n === 0n || BigInt.asUintN(63, mantissa) === 0n
      ? sign * Number.POSITIVE_INFINITY
      : Number.NaN;
  return sign * Number(mantissa) * 2 ** (exponent - 16_383 - 63);
}

function doubleText(value: number): string {
  if (!Number.isFinite(value)) return "null";
  return Object.is(value, -0) ? "-0.0" : `${value}`;
}

/** The shortest digits that name this single among the singles. */
function singleText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || (Number.isInteger(value) && size < 2 ** 24)) return doubleText(value);
  // Six digits tell all singles apart that are not denormal.
  for (let digits = size < 2 ** -126 ? 1 : 6; digits < 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return `${evenOf(value, digits) ?? rounded}`;
  }
  return `${Number(value.toPrecision(9))}`;
}

/** Half-way between two names the even one, as others round; null where it is not half-way. */
function evenOf(value: number, digits: number): number | null {
  const longer = value.toExponential(digits);
  if (Number(longer) !== value || !/[02468]\.?5e/.test(longer)) return null;
  const lower = Number(longer.replace(/5e/, "e"));
  return Math.fround(lower) === value ? lower : null;
}

function complexText(type: Metadata): TextOf {
  const [real, imaginary] = membersOf(type);
  const read = floatOf(real as Metadata);
  const offset = imaginary?.offset ?? 0;
  return (view, at) => `[${doubleText(read(view, at))},${doubleText(read(view, at + offset))}]`;
}

function fixedText(type: Metadata): TextOf {
  return (view, at) => JSON.stringify(decoded(stripped(bytesAt(view, at, type.size), type.strpad ?? 0)));
}

/** What a text of fixed length holds: HDF5 ends it with NUL, or fills it up with NUL or with spaces. */
export function stripped(bytes: Uint8Array, padding: number): Uint8Array {
  const zero = padding === 0 ? bytes.indexOf(0) : -1;
  let end = zero < 0 ? bytes.length : zero;
  while (padding === 2 && end > 0 && bytes[end - 1] === 0x20) end -= 1;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}

function pointedText(): TextOf {
  return (view, at) => {
    const pointer = view.getUint32(at, true);
    if (pointer === 0) return '""';
    const heap = library.HEAPU8;
    const end = heap.indexOf(0, pointer);
    if (end - pointer > bounds.answer) throw new Refusal("too-large", tooLong);
    return JSON.stringify(decoded(heap.slice(pointer, end)));
  };
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decoded(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    throw new Refusal("wrong", "a text in it is no UTF-8: ask for it as bytes, with format=bin");
  }
}

function referenceText({ ref_type: kind, size }: Metadata): TextOf {
  return (view, at) => {
    const isNull = bytesAt(view, at, size).every((byte) => byte === 0);
    return JSON.stringify(isNull ? `<HDF5 ${kind} reference (null)>` : `<HDF5 ${kind} reference>`);
  };
}

function compoundText(type: Metadata): TextOf {
  const members = membersOf(type).map((member) => [textOf(member, false), member.offset] as const);
  return (view, at) => `[${members.map(([text, offset]) => text(view, at + offset)).join(",")}]`;
}

function arrayText(type: Metadata): TextOf {
  const base = type.array_type as Metadata;
  const text = textOf(base, false);
  return (view, at) => listOf(base.shape ?? [], (index) => text(view, at + index * base.size));
}

function vlenText(type: Metadata): TextOf {
  const base = type.vlen_type as Metadata;
  const text = textOf(base, base.littleEndian);
  return (view, at) => {
    const length = view.getUint32(at, true);
    const pointer = view.getUint32(at + 4, true);
    if (length * base.size > bounds.answer) throw new Refusal("too-large", tooLong);
    const heap = new DataView(library.HEAPU8.buffer);
    return listOf([length], (index) => text(heap, pointer + index * base.size));
  };
}

function bytesAt(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}
