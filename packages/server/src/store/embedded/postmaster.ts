import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Binaries } from "./binaries.ts";
import { cleanEnvironment } from "./cluster.ts";
import type { Owner } from "./owner.ts";

/** What one postmaster needs to run. */
export interface PostmasterOptions {
  readonly binaries: Binaries;
  readonly dataFolder: string;
  readonly socketFolder: string;
  readonly logFile: string;
  readonly owner: Owner | null;
}

/** A running postmaster: our own child, or one that was found running. */
export interface Postmaster {
  readonly pid: number;
  /** Settles with the reason in words when it has ended. */
  readonly ended: Promise<string>;
}

const settings = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  fsync: "on",
  full_page_writes: "on",
  max_connections: "200",
  logging_collector: "off",
  log_destination: "stderr",
  log_line_prefix: "%m [%p] ",
  log_timezone: "UTC",
  timezone: "UTC",
} as const;

/**
 * Starts one in a process group of its own, so that Ctrl-C at the terminal does not reach it before the portal has
 * closed its connections. Its words go to a file, not to a pipe that ends when we are killed.
 */
export function spawnPostmaster(options: PostmasterOptions): Postmaster {
  const { binaries, dataFolder, socketFolder, logFile, owner } = options;
  const chosen = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const words = ["-D", dataFolder, "-k", socketFolder, ...chosen];
  const log = openLog(logFile);
  const identity = owner === null ? {} : { uid: owner.uid, gid: owner.gid };
  const child = spawn(join(binaries.folder, "bin", "postgres"), words, {
    cwd: "/",
    env: cleanEnvironment,
    detached: true,
    stdio: ["ignore", log, log],
    ...identity,
  });
  closeSync(log);
  child.unref();
  return { pid: child.pid ?? 0, ended: endOf(child) };
}

/** The log begins anew when it has become long. */
function openLog(file: string): number {
  const long = existsSync(file) && statSync(file).size > 8 * 1024 * 1024;
  return openSync(file, long ? "w" : "a", 0o600);
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) =>
      resolve(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
    );
  });
}

/**
 * The postmaster that still serves this data folder after the portal that started it was killed; null when there is
 * none. A `postmaster.pid` that names no such process is removed: its number may be another program's by now.
 */
export function findPostmaster(dataFolder: string): { pid: number; socketFolder: string } | null {
  const file = join(dataFolder, "postmaster.pid");
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, "utf8").split("\n");
  const pid = Number(lines[0]);
  if (servesFolder(pid, dataFolder)) return { pid, socketFolder: lines[4] ?? "" };
  rmSync(file, { force: true });
  return null;
}

/** A postmaster works in its data folder. */
function servesFolder(pid: number, dataFolder: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    return (
      readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataFolder) &&
      readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "postgres"
    );
  } catch {
    return false;
  }
}

/** Follows a process that is not our child. */
export function adopt(pid: number, dataFolder: string): Postmaster {
  const watch = async () => {
    while (servesFolder(pid, dataFolder)) await sleep(500, undefined, { ref: false });
    return "it is gone";
  };
  return { pid, ended: watch() };
}

/** Ends it: open transactions are rolled back; after `patienceMs` at once, which loses nothing either. */
export async function endPostmaster(postmaster: Postmaster, patienceMs: number): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (!tell(postmaster.pid, signal)) return;
    const late = Symbol("late");
    const answered = new AbortController();
    const patience = sleep(patienceMs, late, { signal: answered.signal }).catch(() => late);
    const first = await Promise.race([postmaster.ended, patience]);
    answered.abort();
    if (first !== late) return;
  }
}

function tell(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
