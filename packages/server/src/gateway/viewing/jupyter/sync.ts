/*
 * Messages of a shared document (y-protocols in lib0's encoding): numbers in pieces of 7 bits, strings and bytes with their
 * length in front. Nothing is decoded that is not looked at.
 */

export const messageType = { sync: 0, awareness: 1, raw: 2 } as const;

/** Sync step 1 of one who has nothing: "tell me all". */
export const tellMeAll = Buffer.from([messageType.sync, 0, 1, 0]);

export interface Read {
  readonly value: number;
  readonly next: number;
}

/** A number from `at` on; null where there is none that is whole and small enough to be one. */
export function readNumber(data: Buffer, at: number): Read | null {
  let value = 0;
  for (let n = 0; n < 5; n += 1) {
    const byte = data[at + n];
    if (byte === undefined) return null;
    value += (byte & 127) * 2 ** (7 * n);
    if (byte < 128) return { value, next: at + n + 1 };
  }
  return null;
}

function numberBytes(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...numberBytes(Math.floor(value / 128))];
}

/** JSON as the session's server answers it, beside the document. */
export function rawMessage(value: object): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from([messageType.raw, ...numberBytes(text.length)]), text]);
}

/** The number of a request to save; null when it is none. */
export function saveRequest(data: Buffer): number | null {
  const length = readNumber(data, 1);
  if (length === null || data.subarray(length.next, length.next + length.value).toString() !== "save")
    return null;
  return readNumber(data, length.next + length.value)?.value ?? null;
}
