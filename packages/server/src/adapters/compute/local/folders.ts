import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type EndpointKind, EndstationError, sessionIdPattern } from "@endstation/core";

/** Linux ends a socket's path at 108 bytes. */
const longestSocketPath = 100;

/** The name of one attempt at one session: the provider's handle, and its folder's name. */
export function handleOf(sessionId: string, attempt: number): string {
  return `${sessionId}.${attempt}`;
}

/** The parts of a handle; null for what never was one of ours (and could be a way out of the folder). */
export function partsOf(handle: string): { readonly sessionId: string; readonly attempt: number } | null {
  const [sessionId = "", attempt = "", ...rest] = handle.split(".");
  if (rest.length > 0 || !sessionIdPattern.test(sessionId) || !/^[1-9]\d{0,8}$/.test(attempt)) return null;
  return { sessionId, attempt: Number(attempt) };
}

/** Where things lie. All of it belongs to the portal alone; no session can reach any of it. */
export interface Folders {
  readonly sessions: string;
  /** A file per session whose state changed, to be watched. */
  readonly changes: string;
  readonly run: string;
  /** Different for each state folder, so that two portals on one machine do not meet. */
  readonly digest: string;
}

/** @throws config-invalid where the folders cannot be had safely. */
export function makeFolders(stateFolder: string, runFolder: string | null): Folders {
  const digest = createHash("sha256").update(stateFolder).digest("hex").slice(0, 8);
  const folders = {
    sessions: join(stateFolder, "sessions"),
    changes: join(stateFolder, "changes"),
    run: runFolder ?? shortFolder(digest),
    digest,
  };
  for (const path of [stateFolder, folders.sessions, folders.changes, folders.run]) ownFolder(path);
  if (socketOf(folders, handleOf(`s-${"0".repeat(20)}`, 999), "jupyter").length > longestSocketPath)
    throw new EndstationError("config-invalid", `the folder for sockets has too long a path: ${folders.run}`);
  return folders;
}

function shortFolder(digest: string): string {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return `/run/endstation-${digest}`;
  const own = process.env["XDG_RUNTIME_DIR"];
  return own !== undefined && own.length < 40
    ? join(own, `endstation-${digest}`)
    : `/tmp/endstation-${uid}-${digest}`;
}

/** Below a folder that everybody can write, somebody else may have been there first. */
function ownFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? 0))
    throw new EndstationError("config-invalid", `${path} belongs to somebody else`);
}

/** The socket that the supervisor binds and the portal dials. */
export function socketOf(folders: Folders, handle: string, endpoint: EndpointKind): string {
  return join(folders.run, handle, endpoint);
}

export function folderOf(folders: Folders, handle: string): string {
  return join(folders.sessions, handle);
}
