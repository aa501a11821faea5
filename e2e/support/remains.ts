import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that has a portal's state folder among its words: its database, its sessions' supervisors and sandboxes. */
export interface Remain {
  readonly pid: number;
  readonly words: string;
}

export function processesOf(state: string): Remain[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), words: wordsOf(name) }))
    .filter(({ words }) =>
      words.split(/[\s=]/).some((word) => word === state || word.startsWith(`${state}/`)),
    );
}

function wordsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** Ends whatever of a portal still runs, and removes everything that it keeps on this machine. */
export async function removeRemains(state: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const left = processesOf(state);
    if (left.length === 0) break;
    for (const { pid } of left) end(pid);
    await sleep(50);
  }
  for (const folder of runFolders(state)) await rm(folder, { recursive: true, force: true });
  for (const folder of cgroupFolders(state)) await rmdir(folder).catch(() => {});
  await rm(state, { recursive: true, force: true });
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {}
}

/** Sockets lie in short folders that are named after a digest of the state folder's path, or of a part's below it. */
function runFolders(state: string): string[] {
  const names = digests(state).map((digest) => `endstation-${digest}`);
  return namesIn("/run")
    .filter((name) => names.some((one) => name.startsWith(one)))
    .map((name) => join("/run", name));
}

function cgroupFolders(state: string): string[] {
  const parents = ["", ...namesIn("/sys/fs/cgroup")].map((name) => join("/sys/fs/cgroup", name));
  return digests(state).flatMap((digest) =>
    parents.map((parent) => join(parent, `endstation-${digest}`)).filter((folder) => existsSync(folder)),
  );
}

function digests(state: string): string[] {
  return [state, join(state, "compute", "local")].map((folder) =>
    createHash("sha256").update(folder).digest("hex").slice(0, 8),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
