import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { EndstationError } from "@endstation/core";
import { ownUserIds } from "../../../../bootstrap/users.mjs";
import type { Config } from "../config/index.ts";

const mebibyte = 1024 * 1024;
/** Less than this, and the database may stop in the middle of the day. */
const leastMiB = 256;
/** What the environments, the database and the demonstration take when they are made. */
const firstMiB = 2048;

/**
 * Makes the folders that the configuration names: the portal's own with mode 0700, those that sessions under other user ids
 * go through with 0711 or 0755. Software that somebody else has built may be only readable.
 * @throws `state-unwritable` naming the folder, also where the users that sessions and the database run as cannot enter it.
 */
export function makeFolders(config: Config): void {
  const { stateFolder, softwareFolder, storage } = config;
  make(stateFolder, process.getuid?.() === 0 ? 0o711 : 0o700);
  make(join(stateFolder, "logs"), 0o700);
  make(softwareFolder, 0o755, constants.R_OK | constants.X_OK);
  make(storage.homes, 0o711);
  make(storage.results, 0o711);
  if (config.demo) make(storage.archive, 0o755);
  for (const folder of [stateFolder, softwareFolder, storage.homes, storage.results]) demandReachable(folder);
}

/** @throws `disk-full` where there is too little space to begin with. */
export function demandSpace(config: Config): void {
  const isFirst = !existsSync(join(config.softwareFolder, "environments"));
  demandSpaceIn(config.softwareFolder, isFirst ? firstMiB : leastMiB, isFirst);
  demandSpaceIn(config.stateFolder, leastMiB, false);
}

function demandSpaceIn(folder: string, needsMiB: number, isFirst: boolean): void {
  const { bavail, bsize } = statfsSync(folder);
  const freeMiB = Math.floor((bavail * bsize) / mebibyte);
  if (freeMiB >= needsMiB) return;
  const purpose = isFirst ? "the first start needs" : "at least that must be";
  throw new EndstationError("disk-full", `${freeMiB} MiB are free in ${folder}; ${purpose} ${needsMiB} MiB`);
}

/** What is there already keeps its mode: it is its owner's decision. */
function make(folder: string, mode: number, needs = constants.R_OK | constants.W_OK | constants.X_OK): void {
  try {
    if (!existsSync(folder)) {
      mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
      mkdirSync(folder, { mode });
    }
    if (!statSync(folder).isDirectory()) throw new Error("it is not a folder");
    accessSync(folder, needs);
  } catch (cause) {
    const words = (cause as Error).message;
    const code = words.startsWith("ENOSPC") ? "disk-full" : "state-unwritable";
    throw new EndstationError(code, `${folder} cannot be used: ${words}`, { cause });
  }
}

/** As root, the database and sessions run as users of their own: a folder below somebody's closed home is no use to them. */
function demandReachable(folder: string): void {
  if (process.getuid?.() !== 0) return;
  const closed = ancestors(folder).find((path) => !canEnter(path, ownUserIds().reader));
  if (closed === undefined) return;
  throw new EndstationError(
    "state-unwritable",
    `${folder} cannot be reached by the users that the database and sessions run as: ${closed} is closed to them`,
    {
      next: `Choose another folder with --state (or ENDSTATION_SOFTWARE), or let others pass: chmod o+x ${closed}`,
    },
  );
}

/** From the top down, the folder itself last. */
function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [...ancestors(parent), folder];
}

/** Tried, not read off the mode: access lists and the like count too. */
function canEnter(folder: string, uid: number): boolean {
  const ran = spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", folder], { uid, gid: uid, cwd: "/" });
  return ran.status === 0;
}
