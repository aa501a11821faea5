import { type CancelSignal, Unavailable } from "@endstation/core";
import { type Confine, confinements, type Isolation, type ReaderAccount } from "./confinement.ts";
import { installReader } from "./installation.ts";
import { limits } from "./limits.ts";
import { runReader } from "./reader-process.ts";

export interface ConfiningOptions {
  /** A folder of the portal's own below which the readers' programs are kept; others may read it. */
  readonly programFolder: string;
  readonly account: ReaderAccount | null;
  /** Told once how readers are confined. */
  readonly onIsolation?: (isolation: Isolation) => void;
  /** The Node that runs readers; the portal's own by default. */
  readonly node?: string;
  /** Only this way of confining; the strictest that works by default. */
  readonly only?: Isolation;
}

const never: CancelSignal = { aborted: false, addEventListener() {}, removeEventListener() {} };

/**
 * How readers are confined on this machine: found out at the first call, and again after one that failed.
 * @throws Unavailable when not at all.
 */
export function confining(options: ConfiningOptions): () => Promise<Confine> {
  let prepared: Promise<Confine> | null = null;
  return () => {
    prepared ??= prepare(options).catch((error: unknown) => {
      prepared = null;
      throw error;
    });
    return prepared;
  };
}

/** The strictest way that works: tried with a process that reads nothing. */
async function prepare(options: ConfiningOptions): Promise<Confine> {
  const installation = await installReader(options.programFolder);
  const node = options.node ?? process.execPath;
  const failures: string[] = [];
  for (const confine of confinements({ node, installation, account: options.account })) {
    const command = confine(installation.plugins, "worker");
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
