import { packed, safeType } from "./bytes.ts";
import { floatOf, tooLong } from "./json.ts";
import type { Metadata } from "./library.ts";
import { numberAt, viewOf } from "./numbers.ts";
import { bounds, Refusal } from "./refusal.ts";
import { dtypeOf, isBoolean, isComplex, isNumeric, membersOf } from "./types.ts";
import type { Values } from "./values.ts";

/** NumPy's own file: a line that says what it is, then the bytes. */
export function npyOf(values: Values, dtype: "origin" | "safe"): readonly Uint8Array[] {
  demandNumeric(values, "npy");
  const { bytes, order } = packed(values, dtype);
  const type = dtype === "safe" ? safeType(values.type) : values.type;
  const name = String(dtypeOf(type)).replace(/^[<>]/, order);
  const shape = values.shape ?? [];
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${name}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((text.length + 11) / 64) * 64 - 10;
  const head = Buffer.alloc(10 + length, " ");
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(length, 8);
  head.write(text, 10, "latin1");
  head.write("\n", head.length - 1);
  return [head, bytes];
}

/** Lines of numbers with all their digits, as NumPy's `savetxt` writes them. */
export function csvOf(values: Values): readonly Uint8Array[] {
  demandNumeric(values, "csv");
  const shape = demandDimensions(values, "csv");
  if (shape.length > 2)
    throw new Refusal("wrong", `a table has one or two dimensions, not ${shape.length}: select a part`);
  const [rows, columns] = [shape[0] ?? 0, shape[1] ?? 1];
  if (rows * columns > bounds.elements) throw new Refusal("too-large", tooLong);
  const text = digitsOf(values.type);
  const view = viewOf(values);
  const { size } = values.type;
  const lines = Array.from({ length: rows }, (_, row) => {
    const cells = Array.from({ length: columns }, (__, column) =>
      text(view, (row * columns + column) * size),
    );
    return Buffer.from(`${cells.join(",")}\n`);
  });
  if (lines.reduce((sum, line) => sum + line.length, 0) > bounds.answer)
    throw new Refusal("too-large", tooLong);
  return lines;
}

function digitsOf(type: Metadata): (view: DataView, at: number) => string {
  if (isComplex(type)) {
    const [real, imaginary] = membersOf(type);
    const read = floatOf(real as Metadata);
    const offset = imaginary?.offset ?? 0;
    return (view, at) =>
      ` (${digits(read(view, at))}+${digits(read(view, at + offset))}j)`.replace("+-", "-");
  }
  const read = numberAt(type);
  return (view, at) => digits(Number(read(view, at)));
}

/** C's `%.18e`. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const [mantissa, exponent = "+0"] = value.toExponential(18).split("e");
  const sign = Object.is(value, -0) ? "-" : "";
  return `${sign}${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** Pages of grey values; the dimensions before the last two are pages. */
export function tiffOf(values: Values, dtype: "origin" | "safe"): readonly Uint8Array[] {
  demandNumeric(values, "tiff");
  const shape = demandDimensions(values, "tiff");
  if (shape.length < 2 || shape.includes(0))
    throw new Refusal("wrong", "an image has points in two dimensions or more");
  const type = dtype === "safe" ? safeType(values.type) : values.type;
  if (type.size > 8 && !isComplex(type))
    throw new Refusal("wrong", `TIFF has no numbers of ${type.size} bytes`);
  const asItIs = dtype === "origin" && values.type.littleEndian;
  const bytes = asItIs ? values.bytes : packed(values, "safe").bytes;
  const [height, width] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  const page = { height, width, type, bytes: height * width * type.size };
  const pages = bytes.length / page.bytes;
  const description = `{"shape": [${shape.join(", ")}]}\0`;
  const head = Buffer.from(
    `II*\0\0\0\0\0${description}${description.length % 2 === 1 ? "\0" : ""}`,
    "latin1",
  );
  const firstTable = head.length + bytes.length + (bytes.length % 2);
  head.writeUInt32LE(firstTable, 4);
  const tables = Array.from({ length: pages }, (_, number) => {
    const at = head.length + number * page.bytes;
    const next = number === pages - 1 ? 0 : firstTable + (number + 1) * tableLength;
    return tableOf(page, at, { at: 8, length: description.length }, next);
  });
  return [head, bytes, Buffer.alloc(bytes.length % 2), ...tables];
}

const tagCount = 11;
const tableLength = 2 + tagCount * 12 + 4;

interface Page {
  readonly width: number;
  readonly height: number;
  readonly type: Metadata;
  readonly bytes: number;
}

function tableOf(page: Page, at: number, description: { at: number; length: number }, next: number): Buffer {
  const [short, long, ascii] = [3, 4, 2];
  const tags: readonly (readonly [tag: number, kind: number, count: number, value: number])[] = [
    [254, long, 1, 0],
    [256, long, 1, page.width],
    [257, long, 1, page.height],
    [258, short, 1, page.type.size * 8],
    [259, short, 1, 1],
    [262, short, 1, 1],
    [270, ascii, description.length, description.at],
    [273, long, 1, at],
    [277, short, 1, 1],
    [279, long, 1, page.bytes],
    [339, short, 1, sampleFormat(page.type)],
  ];
  const table = Buffer.alloc(tableLength);
  table.writeUInt16LE(tagCount, 0);
  for (const [index, [tag, kind, count, value]] of tags.entries()) {
    table.writeUInt16LE(tag, 2 + index * 12);
    table.writeUInt16LE(kind, 4 + index * 12);
    table.writeUInt32LE(count, 6 + index * 12);
    table.writeUInt32LE(value, 10 + index * 12);
  }
  table.writeUInt32LE(next, tableLength - 4);
  return table;
}

/** 1: without sign, 2: with sign, 3: float, 6: complex. */
function sampleFormat(type: Metadata): number {
  if (isComplex(type)) return 6;
  if (type.type === 1) return 3;
  return type.signed && !isBoolean(type) ? 2 : 1;
}

function demandNumeric({ type, shape }: Values, format: string): void {
  if (shape === null || !isNumeric(type))
    throw new Refusal("wrong", `Unsupported encoding ${format} for non-numeric content`);
}

function demandDimensions({ shape }: Values, format: string): readonly number[] {
  if (shape === null || shape.length === 0)
    throw new Refusal("wrong", `Unsupported encoding ${format} for empty and scalar datasets`);
  return shape;
}
