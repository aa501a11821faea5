import type { FrameMessage, Message, RequestMessage } from "./protocol.ts";

/** Numbers that come again for the same seed: a failure can be repeated. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** As many messages as are wanted: the recorded ones as they are, then each changed in some way, and noise among them. */
export function* messages(recorded: readonly Message[], count: number, seed: number): Generator<Message> {
  const random = randomFrom(seed);
  const pick = () => recorded[Math.floor(random() * recorded.length)] as Message;
  yield* recorded.slice(0, count);
  for (let n = recorded.length; n < count; n += 1) {
    const one = pick();
    yield one.kind === "frame" ? changedFrame(one, pick, random) : changedRequest(one, pick, random);
  }
}

type Random = () => number;

function changedFrame(one: FrameMessage, pick: () => Message, random: Random): FrameMessage {
  const other = pick();
  const second = other.kind === "frame" ? other.data : one.data;
  const isBinary = random() < 0.03 ? !one.isBinary : one.isBinary;
  return { kind: "frame", isBinary, data: changedBytes(one.data, second, random) };
}

function changedBytes(data: Buffer, other: Buffer, random: Random): Buffer {
  const at = Math.floor(random() * (data.length + 1));
  const ways: readonly (() => Buffer)[] = [
    () => data,
    () => flipped(data, random, 1),
    () => flipped(data, random, 8),
    () => data.subarray(0, at),
    () => Buffer.concat([data.subarray(0, at), other.subarray(Math.floor(random() * other.length))]),
    () => Buffer.concat([data.subarray(0, at), noise(random, 16), data.subarray(at)]),
    // The first bytes say what it is: another type, the same rest.
    () => Buffer.concat([noise(random, 1), data.subarray(1)]),
    () =>
      Buffer.concat([Buffer.from([Math.floor(random() * 4), Math.floor(random() * 4)]), data.subarray(2)]),
    () => Buffer.concat([data, other]),
    () => noise(random, 200),
  ];
  return (ways[Math.floor(random() * ways.length)] as () => Buffer)();
}

function flipped(data: Buffer, random: Random, times: number): Buffer {
  const changed = Buffer.from(data);
  for (let n = 0; n < times && changed.length > 0; n += 1)
    changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
  return changed;
}

function noise(random: Random, most: number): Buffer {
  return Buffer.from(
    Array.from({ length: 1 + Math.floor(random() * most) }, () => Math.floor(random() * 256)),
  );
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const tricks = [
  "/..",
  "/.",
  "//",
  "%2e%2e",
  "%2f",
  "\\",
  ";",
  "?x=1",
  "%00",
  "/checkpoints",
  "%252e",
  "#",
  "/../../",
];

function changedRequest(one: RequestMessage, pick: () => Message, random: Random): RequestMessage {
  const other = pick();
  const second = other.kind === "request" ? other : one;
  const at = Math.floor(random() * (one.path.length + 1));
  const trick = tricks[Math.floor(random() * tricks.length)] as string;
  const ways: readonly (() => RequestMessage)[] = [
    () => one,
    () => ({ ...one, method: methods[Math.floor(random() * methods.length)] as string }),
    () => ({ ...one, path: one.path.slice(0, at) + trick + one.path.slice(at) }),
    () => ({ ...one, path: one.path + trick }),
    () => ({ ...one, path: second.path }),
    () => ({ ...one, body: second.body }),
    () => ({ ...one, body: one.body.slice(0, Math.floor(random() * one.body.length)) }),
    () => ({ ...one, path: one.path.toUpperCase() }),
    () => ({ ...one, path: flipped(Buffer.from(one.path), random, 1).toString("latin1") }),
  ];
  return (ways[Math.floor(random() * ways.length)] as () => RequestMessage)();
}
