import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Unavailable } from "@endstation/core";
import { type Folders, folderOf, partsOf } from "./folders.ts";
import type { Order } from "./order.ts";
import type { End, ProcessIdentity } from "./status.ts";

/** The parts of a session's folder, by file name. Each is written whole or not at all. */
interface Parts {
  readonly "order.json": Order;
  readonly "supervisor.json": ProcessIdentity;
  readonly "sandbox.json": ProcessIdentity;
  readonly "end.json": End;
}

/** Handles of every session that has a folder, whatever became of it. */
export async function listHandles(folders: Folders): Promise<string[]> {
  try {
    return (await readdir(folders.sessions)).filter((name) => partsOf(name) !== null);
  } catch (error) {
    throw new Unavailable(`the sessions cannot be listed: ${(error as Error).message}`);
  }
}

/** One part of a session's folder; null when it is not there (yet). */
export async function readPart<Name extends keyof Parts>(
  folders: Folders,
  handle: string,
  name: Name,
): Promise<Parts[Name] | null> {
  try {
    return JSON.parse(await readFile(join(folderOf(folders, handle), name), "utf8")) as Parts[Name];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new Unavailable(`${name} of ${handle} cannot be read: ${(error as Error).message}`);
  }
}

/** False when the session has a folder already: of two that try, one makes it, and nobody sees it half made. */
export async function layDown(folders: Folders, handle: string, order: Order): Promise<boolean> {
  const partial = join(folders.sessions, `.new-${handle}-${process.pid}-${performance.now()}`);
  await mkdir(partial, { mode: 0o700 });
  try {
    const file = await open(join(partial, "order.json"), "wx", 0o600);
    await file.writeFile(JSON.stringify(order));
    await file.close();
    await rename(partial, folderOf(folders, handle));
    return true;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** Marks that it is to end; a supervisor that only now starts sees it. Answers since when it is marked. */
export async function markStop(folders: Folders, handle: string): Promise<number> {
  const path = join(folderOf(folders, handle), "stop");
  await writeFile(path, "", { flag: "a", mode: 0o600 });
  return (await stat(path)).mtimeMs;
}

export async function writeEnd(folders: Folders, handle: string, end: End): Promise<void> {
  const path = join(folderOf(folders, handle), "end.json");
  await writeFile(`${path}.portal`, JSON.stringify(end), { mode: 0o600 });
  await rename(`${path}.portal`, path);
  const change = join(folders.changes, handle);
  await writeFile(change, "", { flag: "a", mode: 0o600 });
  await utimes(change, end.at / 1000, end.at / 1000);
}

/** Forgets a session: its end, its log, its name. */
export async function forget(folders: Folders, handle: string): Promise<void> {
  await rm(folderOf(folders, handle), { recursive: true, force: true });
  await rm(join(folders.changes, handle), { force: true });
}
