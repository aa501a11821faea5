import {
  type CancelSignal,
  EndstationError,
  type Hdf5Place,
  type Hdf5Service,
  Unavailable,
} from "@endstation/core";
import type { Confine } from "./confinement.ts";
import { type ConfiningOptions, confining } from "./confining.ts";
import { limits } from "./limits.ts";
import { type Outcome, type ServingProcess, startServing } from "./serving-process.ts";

export interface Hdf5Options extends ConfiningOptions {
  /** Other bounds than the usual ones. */
  readonly bounds?: Partial<Record<"perQuestion" | "idle" | "processes" | "perDataset", number>>;
}

/** The service, which is to be closed. */
export interface RunningHdf5Service extends Hdf5Service {
  /** How many processes there are now. */
  processes(): number;
  close(): void;
}

interface Reader {
  readonly key: string;
  readonly process: ServingProcess;
  isBusy: boolean;
  /** Questions that it has come through. */
  done: number;
  usedAt: number;
}

interface Waiting {
  readonly place: Hdf5Place;
  readonly key: string;
  readonly go: (reader: Reader) => void;
}

export function createHdf5Service(options: Hdf5Options): RunningHdf5Service {
  const bounds = { ...limits.serving, ...options.bounds };
  const confine = confining(options);
  const readers = new Set<Reader>();
  const waiting: Waiting[] = [];

  const start = (confined: Confine, { folder }: Hdf5Place, key: string): Reader => {
    const process = startServing(confined(folder, "serving"), bounds.perQuestion, () => {
      readers.delete(reader);
      schedule(confined);
    });
    const reader: Reader = { key, process, isBusy: false, done: 0, usedAt: Date.now() };
    readers.add(reader);
    return reader;
  };
  /** A free process of this dataset, or a new one where there is room for it. */
  const readerFor = (confined: Confine, place: Hdf5Place, key: string): Reader | null => {
    const own = [...readers].filter((reader) => reader.key === key && reader.process.isAlive());
    const free = own.find((reader) => !reader.isBusy);
    if (free !== undefined) return free;
    if (own.length >= bounds.perDataset) return null;
    if (readers.size < bounds.processes) return start(confined, place, key);
    const idle = [...readers].filter((reader) => !reader.isBusy && reader.process.isAlive());
    // When it has ended there is room, and this is looked at again.
    idle.sort((a, b) => a.usedAt - b.usedAt)[0]?.process.end();
    return null;
  };
  const schedule = (confined: Confine) => {
    for (const one of [...waiting]) {
      const reader = readerFor(confined, one.place, one.key);
      if (reader === null) continue;
      waiting.splice(waiting.indexOf(one), 1);
      reader.isBusy = true;
      one.go(reader);
    }
  };
  const take = (confined: Confine, place: Hdf5Place, signal: CancelSignal) =>
    new Promise<Reader>((resolve, reject) => {
      if (signal.aborted) return reject(new Unavailable("nobody waits for it any more"));
      if (waiting.length >= limits.waiting)
        return reject(new Unavailable("too many questions about files wait"));
      const gone = () => {
        const at = waiting.indexOf(one);
        if (at < 0) return;
        waiting.splice(at, 1);
        reject(new Unavailable("nobody waits for it any more"));
      };
      const go = (reader: Reader) => {
        signal.removeEventListener("abort", gone);
        resolve(reader);
      };
      const one: Waiting = { place, key: `${place.rights} ${place.folder}`, go };
      signal.addEventListener("abort", gone);
      waiting.push(one);
      schedule(confined);
    });
  const give = (confined: Confine, reader: Reader) => {
    reader.isBusy = false;
    reader.done += 1;
    reader.usedAt = Date.now();
    schedule(confined);
  };
  const sweep = setInterval(
    () => {
      for (const { isBusy, usedAt, process } of readers)
        if (!isBusy && Date.now() - usedAt > bounds.idle) process.end();
    },
    Math.min(bounds.idle, 10_000),
  );
  sweep.unref();

  return {
    ask: async (place, question, signal) => {
      const confined = await confine();
      for (;;) {
        const reader = await take(confined, place, signal);
        const isFresh = reader.done === 0;
        const outcome = await reader.process.ask(question);
        give(confined, reader);
        if (outcome.kind === "answer") return outcome;
        if (outcome.kind === "refused") throw refusalOf(outcome);
        // What others left behind in a process is not this question's fault: it is put once more, to a new one.
        const isItsOwn = isFresh || outcome.why === "silent" || outcome.why === "babble";
        if (isItsOwn) throw failureOf(outcome, bounds.perQuestion);
      }
    },
    processes: () => readers.size,
    close: () => {
      clearInterval(sweep);
      for (const { process } of readers) process.end();
    },
  };
}

function refusalOf({ refused, reason }: Extract<Outcome, { readonly kind: "refused" }>): EndstationError {
  const codes = {
    absent: "not-found",
    wrong: "file-question",
    "too-large": "answer-too-large",
    broken: "file-unreadable",
  } as const;
  return new EndstationError(codes[refused], reason);
}

function failureOf(
  { why, wasReady, stderr }: Extract<Outcome, { readonly kind: "ended" }>,
  perQuestion: number,
): Error {
  if (why === "cancelled") return new Unavailable("the portal is closing");
  if (!wasReady && why !== "silent")
    return new Unavailable(`a process to read HDF5 files did not start: ${stderr.slice(0, 200)}`);
  const words: Partial<Record<typeof why, string>> = {
    silent: `answering took more than ${perQuestion / 1000} s and was stopped`,
    cpu: "answering took more computing time than a question may and was stopped",
    memory: "answering needs more memory than a question may have",
    babble: "the answer is not of the form that it must have",
  };
  return new EndstationError("file-unreadable", words[why] ?? "reading it made the reader crash");
}
