import { readFileSync, statSync } from "node:fs";

/** The user that PostgreSQL runs as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * User ids that no distribution, container tool or directory service hands out (above 2000200000, where SSSD ends),
 * and, in a container that only has the first 65536, ids that systemd's table lists as unused.
 */
const candidates = [2_100_065_600, 61_150] as const;

/** Whom the database belongs to: null is this process's own user; as root an unprivileged id of its own. */
export function ownerOf(dataFolder: string): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const present = uidOf(dataFolder);
  const uid = present !== null && present !== 0 ? present : (candidates.find(isMapped) ?? candidates[1]);
  return { uid, gid: uid };
}

function uidOf(path: string): number | null {
  try {
    return statSync(path).uid;
  } catch {
    return null;
  }
}

/** Whether this machine (or container) has that user id at all. */
function isMapped(uid: number): boolean {
  try {
    return readFileSync("/proc/self/uid_map", "utf8")
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number))
      .some(([first = 0, , count = 0]) => uid >= first && uid < first + count);
  } catch {
    return true;
  }
}
