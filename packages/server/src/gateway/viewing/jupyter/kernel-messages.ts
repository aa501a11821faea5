/** A message of the kernel protocol, as far as it is looked at. */
export interface KernelMessage {
  readonly channel: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly parent: Readonly<Record<string, unknown>>;
  readonly content: Readonly<Record<string, unknown>>;
}

export const kernelProtocol = "v1.kernel.websocket.jupyter.org";

/** Channel, header, parent header, metadata, content; whatever follows are buffers. */
const parts = 5;

/** Reads a frame: a count of offsets, the offsets, and the parts between them. Null: it is not one. */
export function decodeMessage(data: Buffer): KernelMessage | null {
  try {
    const count = Number(data.readBigUInt64LE(0));
    if (count < parts + 1 || count > 1_000) return null;
    const offsets = Array.from({ length: count }, (_, n) => Number(data.readBigUInt64LE(8 * (n + 1))));
    const part = (n: number) => data.subarray(offsets[n], offsets[n + 1]).toString();
    const [header, parent, , content] = [1, 2, 3, 4].map((n) => objectIn(part(n)));
    if (header === undefined || parent === undefined || content === undefined) return null;
    return { channel: part(0), header, parent, content };
  } catch {
    return null;
  }
}

function objectIn(text: string): Record<string, unknown> {
  const value = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new TypeError("not an object");
  return value;
}

export function encodeMessage({ channel, header, parent, content }: KernelMessage): Buffer {
  const texts = [channel, ...[header, parent, {}, content].map((one) => JSON.stringify(one))];
  const bodies = texts.map((text) => Buffer.from(text));
  const head = Buffer.alloc(8 * (bodies.length + 2));
  head.writeBigUInt64LE(BigInt(bodies.length + 1), 0);
  let at = head.length;
  for (const [n, body] of bodies.entries()) {
    head.writeBigUInt64LE(BigInt(at), 8 * (n + 1));
    at += body.length;
  }
  head.writeBigUInt64LE(BigInt(at), 8 * (bodies.length + 1));
  return Buffer.concat([head, ...bodies]);
}
