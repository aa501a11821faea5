import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { EndstationError } from "@endstation/core";

/** One process has a state folder at a time. */
export interface StateLock {
  release(): void;
}

/**
 * Takes the lock of a state folder. It is SQLite's lock on a file: the kernel takes it back when the process ends, however
 * it ends, and child processes do not inherit it.
 * @throws `state-in-use` naming the process that has it; `state-unwritable`; `disk-full`.
 */
export function lockState(stateFolder: string): StateLock {
  const file = join(stateFolder, ".lock");
  const holderFile = join(stateFolder, ".lock-holder");
  const database = open(file);
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    throw lockFault(cause, stateFolder, holderFile);
  }
  writeFileSync(holderFile, `${process.pid}\n`);
  return {
    release: () => {
      if (!database.isOpen) return;
      rmSync(holderFile, { force: true });
      database.close();
    },
  };
}

function open(file: string): DatabaseSync {
  try {
    // Whoever can open the file could lock it too.
    closeSync(openSync(file, "a", 0o600));
    return new DatabaseSync(file, { timeout: 0 });
  } catch (cause) {
    const detail = `the lock ${file} cannot be opened: ${(cause as Error).message}`;
    throw new EndstationError("state-unwritable", detail, { cause });
  }
}

function lockFault(cause: unknown, stateFolder: string, holderFile: string): EndstationError {
  const words = (cause as Error).message;
  if (/locked|busy/i.test(words))
    return new EndstationError("state-in-use", `${stateFolder} is in use by ${holderOf(holderFile)}`, {
      cause,
    });
  const code = /full/i.test(words) ? "disk-full" : "state-unwritable";
  return new EndstationError(code, `${stateFolder} cannot be locked: ${words}`, { cause });
}

function holderOf(file: string): string {
  try {
    return `process ${readFileSync(file, "utf8").trim()}`;
  } catch {
    return "another process";
  }
}
