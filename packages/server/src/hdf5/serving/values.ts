import { tooLong } from "./json.ts";
import { classes, demanded, library, type Metadata } from "./library.ts";
import type { OpenFile } from "./open-file.ts";
import { bounds, Refusal } from "./refusal.ts";
import { isWhole, partsOf, shapeOf } from "./selection.ts";
import { missingSources } from "./sources.ts";
import { hasPointers, inMemory, orderOf } from "./types.ts";

/** Values of a dataset or an attribute, in the library's memory until they are released. */
export interface Values {
  /** The type as the bytes have it. */
  readonly type: Metadata;
  /** The order that they have in the file. */
  readonly order: ReturnType<typeof orderOf>;
  /** Null: the dataspace that holds nothing at all. */
  readonly shape: readonly number[] | null;
  readonly bytes: Uint8Array;
  release(): void;
}

/** Reads a dataset, or the part of it that is selected. @throws Refusal */
export function valuesOf(file: OpenFile, path: string, selection: string | null): Values {
  const known = demanded(path, () => library.get_dataset_metadata(file.id, path));
  if (known.shape === null) return nothing(known, selection);
  const parts = partsOf(selection, known.shape);
  const counts = parts.map((part) => BigInt(part.count));
  const elements = parts.reduce((product, part) => product * part.count, 1);
  demandSmall(known, elements);
  const missing = missingSources(file, path, known);
  if (missing !== null) throw new Refusal("broken", missing);
  const starts = parts.map((part) => BigInt(part.start));
  const steps = parts.map((part) => BigInt(part.step));
  const whole = isWhole(parts, known.shape);
  const read = (pointer: bigint) =>
    whole
      ? library.get_dataset_data(file.id, path, null, null, null, pointer)
      : library.get_dataset_data(file.id, path, counts, starts, steps, pointer);
  const reclaim = (pointer: bigint) =>
    whole
      ? library.reclaim_vlen_memory(file.id, path, "", pointer)
      : library.reclaim_vlen_memory_count(file.id, path, "", pointer, counts);
  return held(path, known, shapeOf(parts), elements, read, reclaim);
}

/** Reads an attribute. @throws Refusal */
export function attributeValues(file: OpenFile, path: string, name: string): Values {
  const known = demanded(`${path}@${name}`, () => library.get_attribute_metadata(file.id, path, name));
  if (known.shape === null) return nothing(known, null);
  demandSmall(known, known.total_size);
  const read = (pointer: bigint) => library.get_attribute_data(file.id, path, name, pointer);
  const reclaim = (pointer: bigint) => library.reclaim_vlen_memory(file.id, path, name, pointer);
  return held(`${path}@${name}`, known, known.shape, known.total_size, read, reclaim);
}

function nothing(known: Metadata, selection: string | null): Values {
  if (selection !== null) partsOf(selection, []);
  return { type: known, order: orderOf(known), shape: null, bytes: new Uint8Array(), release() {} };
}

/** The library unpacks whole chunks, whatever is asked of them. */
function demandSmall({ size, chunks }: Metadata, elements: number): void {
  if (elements * size > bounds.answer) throw new Refusal("too-large", tooLong);
  const chunk = (chunks ?? []).reduce((product, length) => product * length, size);
  if (chunk > bounds.chunk)
    throw new Refusal(
      "too-large",
      `its chunks of ${chunk} bytes are larger than the ${bounds.chunk} that are read here`,
    );
}

function held(
  what: string,
  known: Metadata,
  shape: readonly number[],
  elements: number,
  read: (pointer: bigint) => number,
  reclaim: (pointer: bigint) => number,
): Values {
  const length = elements * known.size;
  const pointer = library._malloc(Math.max(1, length));
  if (pointer === 0) throw new Refusal("too-large", "there is not enough memory for it");
  const free = () => library._free(pointer);
  try {
    if (hasPointers(known)) library.HEAPU8.fill(0, pointer, pointer + length);
    if (length > 0) demanded(what, () => demandSuccess(read(BigInt(pointer))), canComplain(known));
  } catch (error) {
    free();
    throw error;
  }
  const release = () => {
    if (hasPointers(known) && length > 0) reclaim(BigInt(pointer));
    free();
  };
  const bytes = library.HEAPU8.subarray(pointer, pointer + length);
  return { ...unpacked(inMemory(known), shape), order: orderOf(known), bytes, release };
}

/** The library complains that it cannot turn an enumeration around, and reads it as it is. */
function canComplain(known: Metadata): boolean {
  return known.type === classes.enumeration && !known.littleEndian;
}

function demandSuccess(status: number): void {
  if (status < 0) throw new Error("the library did not read it");
}

/** As in NumPy, the dimensions of an array type are the last ones of the whole. */
function unpacked(type: Metadata, shape: readonly number[]): { type: Metadata; shape: readonly number[] } {
  if (type.type !== classes.array || type.array_type === undefined) return { type, shape };
  return unpacked(type.array_type, [...shape, ...(type.array_type.shape ?? [])]);
}
