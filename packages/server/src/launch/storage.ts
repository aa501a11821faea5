import { createHash } from "node:crypto";
import { chmod, chown, mkdir } from "node:fs/promises";
import { join } from "node:path";

/** Where people's files are kept, as the portal sees them. */
export interface Storage {
  readonly homes: string;
  readonly results: string;
}

export interface Ownership {
  readonly uid: number;
  readonly gid: number;
}

/** A folder name for any account or proposal: itself where that is safe, else made so and kept apart by a digest. */
export function folderName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/.test(name)) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return `_${name.replaceAll(/[^A-Za-z0-9-]/g, "_").slice(0, 60)}~${digest}`;
}

export function homeOf(storage: Storage, account: string): string {
  return join(storage.homes, folderName(account));
}

/** The proposal's results folder; where there is no proposal, a personal one. */
export function resultsOf(storage: Storage, proposal: string | null, account: string): string {
  return proposal === null
    ? join(storage.results, "personal", folderName(account))
    : join(storage.results, "proposals", folderName(proposal));
}

/** Makes a folder with its owner and mode, if it is not so already. Only root can give it to somebody else. */
export async function ensureFolder(path: string, owner: Ownership | null, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode });
  if (owner !== null) await chown(path, owner.uid, owner.gid);
  await chmod(path, mode);
}
