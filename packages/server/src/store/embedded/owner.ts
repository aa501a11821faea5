import { statSync } from "node:fs";
import { ownUserIds } from "../../../../../bootstrap/users.mjs";

/** The user that PostgreSQL runs as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Whom the database belongs to: null is this process's own user; as root whose it is already, else an id of its own. */
export function ownerOf(dataFolder: string): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const present = statSync(dataFolder, { throwIfNoEntry: false })?.uid ?? 0;
  const uid = present === 0 ? ownUserIds().database : present;
  return { uid, gid: uid };
}
