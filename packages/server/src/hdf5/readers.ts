import { type CancelSignal, Unavailable } from "@endstation/core";
import type { Confine, Isolation } from "./confinement.ts";
import { type ConfiningOptions, confining } from "./confining.ts";
import { limits } from "./limits.ts";
import { type Ended, runReader } from "./reader-process.ts";
import { type FileReading, unread } from "./reading.ts";
import { createTurns } from "./turns.ts";

export interface ReaderOptions extends ConfiningOptions {
  /** Processes at once. */
  readonly concurrency: number;
  /** Milliseconds without a sign of life after which a file is given up. */
  readonly perFileMs?: number;
  /** Files of one dataset that may fail before the rest of it is left alone. */
  readonly failures?: number;
}

export interface ReadingRequest {
  /** The dataset's folder, free of symbolic links. */
  readonly folder: string;
  /** Files in it, relative to it. */
  readonly files: readonly string[];
  /** Somebody waits for it: before what only a harvest wants. */
  readonly urgent: boolean;
}

/** Reads HDF5 files in processes that can see nothing but the folder of the one dataset they read. */
export interface Readers {
  /**
   * A reading for each file; one that hangs, crashes or eats its process is a reading with a `problem`.
   * @throws Unavailable when readers cannot be started here, or too many wait already.
   */
  read(request: ReadingRequest, signal: CancelSignal): Promise<ReadonlyMap<string, FileReading>>;
  /** How they are confined on this machine. @throws Unavailable when not at all. */
  isolation(): Promise<Isolation>;
}

export function createReaders(options: ReaderOptions): Readers {
  const turns = createTurns(options.concurrency, limits.waiting);
  const confine = confining(options);
  const patience = { perFileMs: limits.perFile, failures: limits.failures, ...options };
  return {
    read: async (request, signal) => {
      const confined = await confine();
      return turns.take(request.urgent, signal, () => readAll(confined, request, patience, signal));
    },
    isolation: async () => (await confine())("/", "worker").isolation,
  };
}

/** A process for as long as it lives, the next one for what it left; after too many failures the rest is left alone. */
async function readAll(
  confine: Confine,
  { folder, files }: ReadingRequest,
  patience: { readonly perFileMs: number; readonly failures: number },
  signal: CancelSignal,
): Promise<ReadonlyMap<string, FileReading>> {
  const found = new Map<string, FileReading>();
  const command = confine(folder, "worker");
  for (let left = files; left.length > 0; left = files.filter((file) => !found.has(file))) {
    if ([...found.values()].filter((one) => one.problem !== null).length >= patience.failures) {
      for (const file of left)
        found.set(file, unread("it was not opened: too many files beside it cannot be read"));
      break;
    }
    const ended = await runReader(
      command,
      { files: left, perFileMs: patience.perFileMs },
      (path, reading) => found.set(path, reading),
      signal,
    );
    if (ended.why === "cancelled") throw new Unavailable("nobody waits for it any more");
    if (!ended.wasReady)
      throw new Unavailable(`a process to read HDF5 files did not start: ${ended.stderr.slice(0, 200)}`);
    const stuck = left.find((file) => !found.has(file));
    const guilty = ended.during ?? (ended.why !== "done" || stuck === left[0] ? stuck : undefined);
    if (guilty !== undefined && !found.has(guilty))
      found.set(guilty, unread(wordsFor(ended, patience.perFileMs)));
  }
  return found;
}

function wordsFor({ why }: Ended, perFileMs: number): string {
  switch (why) {
    case "silent":
      return `reading it took more than ${perFileMs / 1000} s and was stopped`;
    case "cpu":
      return "reading it took more computing time than a file may and was stopped";
    case "memory":
      return "reading it needs more memory than a file may have";
    case "babble":
      return "it gives more than can be shown of a file";
    default:
      return "reading it made the reader crash";
  }
}
