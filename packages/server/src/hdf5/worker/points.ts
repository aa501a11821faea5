import type { Dataset } from "./hdf5.ts";

/** A frame of numbers, row by row; null where there is no value. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly values: readonly (number | null)[];
}

export const bounds = {
  curve: 500,
  image: 200,
  wholeBytes: 192 * 1024 * 1024,
  unpackedBytes: 1024 * 1024 * 1024,
} as const;

type Range = [number, number] | [number, number, number];
type Values = ArrayLike<number | bigint>;

/** Indices of the dimensions that are longer than one. */
export function longDimensions(dataset: Dataset): number[] {
  return (dataset.shape ?? []).flatMap((length, index) => (length > 1 ? [index] : []));
}

/** The first image over the dimensions `rows` and `columns`, reduced to at most 200 × 200 by averages. */
export function frameOf(dataset: Dataset, rows: number, columns: number): Frame {
  const shape = dataset.shape as number[];
  const [height, width] = [shape[rows] as number, shape[columns] as number];
  const isSmall = width * height * dataset.metadata.size <= bounds.wholeBytes;
  const [down, across] = isSmall ? [1, 1] : [stepOf(height), stepOf(width)];
  const values = read(
    dataset,
    rangesOf(
      shape,
      new Map([
        [rows, down],
        [columns, across],
      ]),
    ),
  );
  const mask = maskOf(dataset);
  const size = { width: Math.ceil(width / across), height: Math.ceil(height / down) };
  return averaged({ ...size, at: (index) => mask(values[index]) });
}

/** Values along one dimension, at most `most` of them, evenly taken. */
export function lineOf(dataset: Dataset, dimension: number, most: number): (number | null)[] {
  const shape = dataset.shape as number[];
  const step = Math.max(1, Math.ceil((shape[dimension] as number) / most));
  const values = read(dataset, rangesOf(shape, new Map([[dimension, step]])));
  const mask = maskOf(dataset);
  return Array.from({ length: values.length }, (_, index) => mask(values[index]));
}

/** All of the dimensions that have a step, the first of every other. */
function rangesOf(shape: readonly number[], steps: ReadonlyMap<number, number>): Range[] {
  return shape.map((length, index) => {
    const step = steps.get(index);
    if (step === undefined) return [0, 1];
    return step === 1 ? [0, length] : [0, length, step];
  });
}

function stepOf(length: number): number {
  return Math.max(1, Math.ceil(length / (bounds.image * 4)));
}

/** A chunk is unpacked whole for every value that is taken of it: what that comes to is bounded. */
function demandBounded(dataset: Dataset, ranges: readonly Range[]): void {
  const { chunks, size } = dataset.metadata;
  if (chunks === null) return;
  const touched = ranges.map(([from, to, step = 1], dimension) => {
    const chunk = Math.max(1, chunks[dimension] ?? 1);
    return Math.min(Math.ceil((to - from) / step), Math.ceil((to - from) / chunk) + 1);
  });
  const product = (numbers: readonly number[]) => numbers.reduce((all, one) => all * one, 1);
  if (product(touched) * product(chunks) * size > bounds.unpackedBytes)
    throw new Error("they are too large for a small picture");
}

function read(dataset: Dataset, ranges: Range[]): Values {
  demandBounded(dataset, ranges);
  const value = dataset.slice(ranges);
  if (ArrayBuffer.isView(value)) return value as unknown as Values;
  if (typeof value === "number" || typeof value === "bigint") return [value];
  if (Array.isArray(value) && value.every((one) => typeof one === "number")) return value;
  throw new Error("its values are not numbers");
}

/** A number, or null for what detectors write where there is none: not finite, or the largest of an unsigned type. */
function maskOf(dataset: Dataset): (value: number | bigint | undefined) => number | null {
  const { type, size, signed } = dataset.metadata;
  const isUnsigned = type === 0 && !signed && size >= 2;
  const largest = isUnsigned ? 2 ** (8 * size) - 1 : Number.POSITIVE_INFINITY;
  return (value) => {
    const number = Number(value);
    return Number.isFinite(number) && number < largest ? number : null;
  };
}

interface Source {
  readonly width: number;
  readonly height: number;
  at(index: number): number | null;
}

function averaged({ width, height, at }: Source): Frame {
  const out = { width: Math.min(width, bounds.image), height: Math.min(height, bounds.image) };
  const sums = new Float64Array(out.width * out.height);
  const counts = new Uint32Array(sums.length);
  for (let row = 0; row < height; row += 1) {
    const base = Math.floor((row * out.height) / height) * out.width;
    for (let column = 0; column < width; column += 1) {
      const value = at(row * width + column);
      if (value === null) continue;
      const cell = base + Math.floor((column * out.width) / width);
      sums[cell] = (sums[cell] as number) + value;
      counts[cell] = (counts[cell] as number) + 1;
    }
  }
  const values = Array.from(sums, (sum, cell) =>
    counts[cell] === 0 ? null : rounded(sum / (counts[cell] as number)),
  );
  return { ...out, values };
}

/** Six significant digits: enough for a picture, a fraction of the bytes. */
export function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
}
