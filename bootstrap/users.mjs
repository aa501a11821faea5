import { readFileSync } from "node:fs";

/**
 * User ids that nobody else hands out: above those of containers (shadow: to 600100000) and of directory services
 * (SSSD: to 2000200000), and below those that systemd keeps back. In a container that has only the first 65536, ids
 * that systemd's own table lists as unused.
 */
const high = {
  sessions: { first: 2_100_000_000, last: 2_100_065_535 },
  database: 2_100_065_600,
  reader: 2_100_065_601,
};
const low = { sessions: { first: 60_706, last: 61_099 }, database: 61_150, reader: 61_151 };

export function ownUserIds() {
  return hasUserId(high.reader) ? high : low;
}

/** Whether this machine, or this container, has that user id at all. */
function hasUserId(uid) {
  try {
    const lines = readFileSync("/proc/self/uid_map", "utf8").trim().split("\n");
    return lines.some((line) => {
      const [first, , count] = line.trim().split(/\s+/).map(Number);
      return uid >= first && uid < first + count;
    });
  } catch {
    return true;
  }
}
