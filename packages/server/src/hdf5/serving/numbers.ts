import { floatOf } from "./json.ts";
import { classes, type Metadata } from "./library.ts";
import { Refusal } from "./refusal.ts";
import { isReal } from "./types.ts";
import type { Values } from "./values.ts";

/** Reads a real number at a place; integers of eight bytes stay exact. @throws Refusal when they are no numbers. */
export function numberAt(type: Metadata): (view: DataView, at: number) => number | bigint {
  if (!isReal(type) && type.type !== classes.bitfield)
    throw new Refusal("wrong", "its values are not numbers");
  if (type.type === classes.float) return floatOf(type);
  const { size, signed, littleEndian } = type;
  if (size === 8)
    return signed
      ? (view, at) => view.getBigInt64(at, littleEndian)
      : (view, at) => view.getBigUint64(at, littleEndian);
  if (size === 4)
    return signed
      ? (view, at) => view.getInt32(at, littleEndian)
      : (view, at) => view.getUint32(at, littleEndian);
  if (size === 2)
    return signed
      ? (view, at) => view.getInt16(at, littleEndian)
      : (view, at) => view.getUint16(at, littleEndian);
  if (size === 1) return signed ? (view, at) => view.getInt8(at) : (view, at) => view.getUint8(at);
  throw new Refusal("wrong", `integers of ${size} bytes are not supported`);
}

export function viewOf({ bytes }: Values): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The least, the greatest, the mean and the spread of all finite values, as h5grove counts them. */
export function statsOf(values: Values): string {
  if (values.shape === null) throw new Refusal("wrong", "there are no values");
  if (values.bytes.length === 0) return none;
  const read = numberAt(values.type);
  const isFloat = values.type.type === classes.float;
  const view = viewOf(values);
  const { size } = values.type;
  const found: Found = {
    positive: null,
    notNegative: null,
    least: null,
    greatest: null,
    sum: 0,
    squares: 0,
    count: 0,
  };
  for (let at = 0; at < view.byteLength; at += size) count(found, read(view, at));
  if (found.count === 0) return none;
  const mean = found.sum / found.count;
  for (let at = 0; at < view.byteLength; at += size) {
    const value = Number(read(view, at));
    if (Number.isFinite(value)) found.squares += (value - mean) ** 2;
  }
  const spread = Math.sqrt(found.squares / found.count);
  const whole = (value: number) => (isFloat ? value : Math.trunc(value));
  const all = [found.positive, found.notNegative, found.least, found.greatest, whole(mean), whole(spread)];
  return `{${names.map((name, index) => `"${name}":${all[index] ?? "null"}`).join(",")}}`;
}

const names = ["strict_positive_min", "positive_min", "min", "max", "mean", "std"] as const;
const none = JSON.stringify(Object.fromEntries(names.map((name) => [name, null])));

interface Found {
  positive: number | bigint | null;
  notNegative: number | bigint | null;
  least: number | bigint | null;
  greatest: number | bigint | null;
  sum: number;
  squares: number;
  count: number;
}

function count(found: Found, value: number | bigint): void {
  const number = Number(value);
  if (!Number.isFinite(number)) return;
  found.count += 1;
  found.sum += number;
  if (found.least === null || value < found.least) found.least = value;
  if (found.greatest === null || value > found.greatest) found.greatest = value;
  if (value >= 0 && (found.notNegative === null || value < found.notNegative)) found.notNegative = value;
  if (value > 0 && (found.positive === null || value < found.positive)) found.positive = value;
}
