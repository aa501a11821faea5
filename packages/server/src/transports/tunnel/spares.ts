import type { Socket } from "node:net";
import { type CancelSignal, Unavailable } from "@endstation/core";
import type { Limits } from "./limits.ts";

interface Waiting {
  readonly serve: (stream: Socket) => void;
  readonly fail: (why: string) => void;
  asked: boolean;
}

/** Streams of one session that stand ready, and those who wait for one. */
export interface Spares {
  /** A stream that the launcher has opened: to whoever waits longest, else to be kept. */
  add(stream: Socket): void;
  /** @throws Unavailable when none comes in time, too many wait, or the signal is raised */
  take(signal: CancelSignal): Promise<Socket>;
  /** The launcher is gone: nothing that stood ready leads anywhere. */
  clear(): void;
}

/** `ask` asks the launcher for so many more. */
export function createSpares(ask: (count: number) => void, limits: Limits): Spares {
  const ready = new Map<Socket, () => void>();
  const waiting: Waiting[] = [];

  const askForMore = () => {
    const asked = waiting.filter((one) => one.asked).length;
    const more = waiting.filter((one) => !one.asked).slice(0, limits.spares - asked);
    for (const one of more) one.asked = true;
    if (more.length > 0) ask(more.length);
  };
  const wait = (signal: CancelSignal) => {
    if (waiting.length >= limits.waiting) throw new Unavailable("too many wait for a stream");
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const fail = (why: string) => {
      const place = waiting.indexOf(one);
      if (place >= 0) waiting.splice(place, 1);
      reject(new Unavailable(why));
    };
    const one: Waiting = { serve: resolve, fail, asked: false };
    const abort = () => fail("called off");
    const timer = setTimeout(fail, limits.waitFor, "the launcher opens no stream");
    signal.addEventListener("abort", abort);
    waiting.push(one);
    askForMore();
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    });
  };

  return {
    add: (stream) => {
      const first = waiting.shift();
      if (first === undefined && ready.size >= limits.spares) stream.destroy();
      else if (first === undefined)
        ready.set(
          stream,
          keepReady(stream, () => ready.delete(stream)),
        );
      else first.serve(stream);
      askForMore();
    },
    take: async (signal) => {
      if (signal.aborted) throw new Unavailable("called off");
      for (const [stream, release] of ready) {
        release();
        ready.delete(stream);
        return stream;
      }
      return wait(signal);
    },
    clear: () => {
      for (const stream of ready.keys()) stream.destroy();
      for (const one of [...waiting]) one.fail("the launcher is not connected any more");
    },
  };
}

/** Lets a stream go that ends, or says anything, before it is used. Answers what takes it out of this care. */
function keepReady(stream: Socket, gone: () => void): () => void {
  const heard = () => {
    if (stream.read() !== null) stream.destroy();
  };
  const ended = () => stream.destroy();
  stream.on("readable", heard).once("end", ended).once("close", gone);
  return () => stream.off("readable", heard).off("end", ended).off("close", gone);
}
