import { createHash } from "node:crypto";
import { chmodSync, chownSync, lstatSync, mkdirSync, realpathSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { EndstationError } from "@endstation/core";

/** Longest path of a folder of sockets: a socket's address ends at 107 bytes, and its name comes on top. */
const longest = 80;

/**
 * The folder for sockets that belong to a state folder: short whatever the state folder's own path is, the same on
 * every start. As root `/run/endstation-<digest>`, else in `$XDG_RUNTIME_DIR` or `/tmp`.
 */
export function runFolderOf(stateFolder: string): string {
  const digest = createHash("sha256").update(realpathSync(stateFolder)).digest("hex").slice(0, 12);
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return `/run/endstation-${digest}`;
  const runtime = process.env["XDG_RUNTIME_DIR"];
  const own = runtime === undefined || runtime === "" ? null : join(runtime, `endstation-${digest}`);
  if (own !== null && own.length <= longest && isOwnFolder(runtime ?? "", uid)) return own;
  return join("/tmp", `endstation-${uid}-${digest}`);
}

/**
 * Makes the socket folder of the database: only its owner (and root) gets in, which is all the protection that
 * PostgreSQL's `trust` needs.
 */
export function makeSocketFolder(stateFolder: string, owner: { uid: number; gid: number } | null): string {
  const parent = runFolderOf(stateFolder);
  makeOwn(parent, owner === null ? 0o700 : 0o711);
  const folder = join(parent, "database");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  chmodSync(folder, 0o700);
  return folder;
}

/** Makes a folder of that name for sockets of the portal's own: nobody else gets in. */
export function makePrivateFolder(stateFolder: string, name: string): string {
  const parent = runFolderOf(stateFolder);
  makeOwn(parent, process.getuid?.() === 0 ? 0o711 : 0o700);
  const folder = join(parent, name);
  makeOwn(folder, 0o700);
  return folder;
}

/** Removes the folder, and the one above it when nothing else is in it. */
export function removeSocketFolder(folder: string): void {
  for (const path of [folder, dirname(folder)]) {
    try {
      rmdirSync(path);
    } catch {
      return;
    }
  }
}

/** In a folder where everybody writes, somebody else could have made it first. */
function makeOwn(path: string, mode: number): void {
  mkdirSync(path, { recursive: true, mode });
  const uid = process.getuid?.() ?? 0;
  if (!isOwnFolder(path, uid)) {
    throw new EndstationError("state-unwritable", `the folder for sockets ${path} belongs to somebody else`, {
      next: `Have ${path} removed, or set XDG_RUNTIME_DIR to a folder of your own.`,
    });
  }
  chmodSync(path, mode);
}

function isOwnFolder(path: string, uid: number): boolean {
  try {
    const found = lstatSync(path);
    return found.isDirectory() && found.uid === uid;
  } catch {
    return false;
  }
}
