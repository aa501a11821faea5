import type { Duplex } from "node:stream";
import type { Dispatcher } from "undici";
import type { Denial } from "./authorize.ts";

/** An admitted request's or upgrade's way through: what both directions need to know. */
export interface Passage {
  readonly ownOrigin: string;
  readonly upstream: Dispatcher;
  /** How long an upload may stand still though more of it would be taken. */
  readonly uploadIdleMs: number;
  /** Notes it as open until the answer is called; `cut` ends it at once. */
  opened(cut: () => void): () => void;
  /** Called with the size of what a person or a kernel said. */
  active(bytes: number): void;
  /** Told what went wrong on the way to the session. */
  failed(error: Error): void;
}

/** Nobody answers inside, though the session runs. */
export const unreachable: Omit<Denial, "session"> = {
  allowed: false,
  code: "session-unreachable",
  detail: "it does not answer at the moment",
};

const mostInformational = 16;

/** Counts answers below 200, which a session's server could send without end in place of one that counts. */
export function informationalLimit(): (controller: Dispatcher.DispatchController) => void {
  let taken = 0;
  return (controller) => {
    taken += 1;
    if (taken > mostInformational) controller.abort(new Error("it sends informational answers without end"));
  };
}

/** Header lines as undici hands them on. */
export function linesOf(raw: Dispatcher.DispatchController["rawHeaders"]): string[] {
  return Array.isArray(raw) ? raw.map((one) => (typeof one === "string" ? one : one.toString("latin1"))) : [];
}

/** Two connections that are one; held by the thousand, so their listeners are shared and nothing else is kept. */
interface Joined {
  readonly outside: Duplex;
  readonly inside: Duplex;
  readonly passed: (bytes: number) => void;
}

const joined = new WeakMap<Duplex, Joined>();

/** Both ends of an upgraded connection as one: each byte one way is taken only as fast as the other end takes it. */
export function join(outside: Duplex, inside: Duplex, passed: (bytes: number) => void): void {
  const both: Joined = { outside, inside, passed };
  for (const end of [outside, inside]) {
    joined.set(end, both);
    end.on("data", onData).on("drain", onDrain).on("end", onEnd).on("error", destroyIt).on("close", onClose);
    end.resume();
  }
}

function otherEnd(end: Duplex): Duplex | undefined {
  const both = joined.get(end);
  return both?.outside === end ? both.inside : both?.outside;
}

function onData(this: Duplex, chunk: Buffer): void {
  joined.get(this)?.passed(chunk.length);
  if (otherEnd(this)?.write(chunk) === false) this.pause();
}

function onDrain(this: Duplex): void {
  otherEnd(this)?.resume();
}

function onEnd(this: Duplex): void {
  const other = otherEnd(this);
  other?.end();
  setTimeout(() => other?.destroy(), lingerMs).unref();
}

function onClose(this: Duplex): void {
  otherEnd(this)?.destroy();
}

/** A listener for errors that keeps nothing alive. */
export function destroyIt(this: Duplex): void {
  this.destroy();
}

/** How long the other half of a connection may go on after one half has ended. */
const lingerMs = 2_000;
