import { type CancelSignal, Unavailable } from "@endstation/core";
import { confinements, type Isolation, type ReaderAccount, type ReaderCommand } from "./confinement.ts";
import { type Installation, installReader } from "./installation.ts";
import { limits } from "./limits.ts";
import { type Ended, runReader } from "./reader-process.ts";
import { type FileReading, unread } from "./reading.ts";
import { createTurns } from "./turns.ts";

export interface ReaderOptions {
  /** A folder of the portal's own below which the reader's program is kept; others may read it. */
  readonly programFolder: string;
  readonly account: ReaderAccount | null;
  /** Processes at once. */
  readonly concurrency: number;
  /** Told once how readers are confined. */
  readonly onIsolation?: (isolation: Isolation) => void;
  /** The Node that runs readers; the portal's own by default. */
  readonly node?: string;
  /** Only this way of confining; the strictest that works by default. */
  readonly only?: Isolation;
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

type Confine = (folder: string) => ReaderCommand;

const never: CancelSignal = { aborted: false, addEventListener() {}, removeEventListener() {} };

export function createReaders(options: ReaderOptions): Readers {
  const turns = createTurns(options.concurrency, limits.waiting);
  let prepared: Promise<Confine> | null = null;
  const confine = () => {
    prepared ??= prepare(options).catch((error: unknown) => {
      prepared = null;
      throw error;
    });
    return prepared;
  };
  const patience = { perFileMs: limits.perFile, failures: limits.failures, ...options };
  return {
    read: async (request, signal) => {
      const confined = await confine();
      return turns.take(request.urgent, signal, () => readAll(confined, request, patience, signal));
    },
    isolation: async () => (await confine())("/").isolation,
  };
}

/** The strictest way that works: tried with a process that reads nothing. */
async function prepare(options: ReaderOptions): Promise<Confine> {
  const installation: Installation = await installReader(options.programFolder);
  const node = options.node ?? process.execPath;
  const failures: string[] = [];
  for (const confine of confinements({ node, installation, account: options.account })) {
    const command = confine(installation.plugins);
    if (options.only !== undefined && options.only !== command.isolation) continue;
    const ended = await runReader(command, { files: [], perFileMs: limits.perFile }, () => {}, never);
    if (ended.wasReady && ended.why === "done") {
      options.onIsolation?.(command.isolation);
      return confine;
    }
    failures.push(`${command.isolation}: ${ended.why} ${ended.stderr.trim().split("\n").at(-1) ?? ""}`);
  }
  throw new Unavailable(`no process to read HDF5 files can be started here (${failures.join("; ")})`);
}

/** A process for as long as it lives, the next one for what it left; after too many failures the rest is left alone. */
async function readAll(
  confine: Confine,
  { folder, files }: ReadingRequest,
  patience: { readonly perFileMs: number; readonly failures: number },
  signal: CancelSignal,
): Promise<ReadonlyMap<string, FileReading>> {
  const found = new Map<string, FileReading>();
  const command = confine(folder);
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
