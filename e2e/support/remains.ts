import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A process of a portal: its server, its database, its sessions' supervisors and sandboxes. */
export interface Remain {
  readonly pid: number;
  readonly words: string;
}

/** Those that have the folder, or something below it, among their words or variables. */
export function processesOf(folder: string): Remain[] {
  const isBelow = (word: string) => word === folder || word.startsWith(`${folder}/`);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => [...wordsOf(pid, "cmdline"), ...wordsOf(pid, "environ")].some(isBelow))
    .map((pid) => ({ pid: Number(pid), words: wordsOf(pid, "cmdline").join(" ") }));
}

function wordsOf(pid: string, file: "cmdline" | "environ"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split(/[\0\s=]+/);
  } catch {
    return [];
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
