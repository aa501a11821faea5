import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ProcessIdentity } from "./status.ts";

let bootId: string | null = null;

function thisBoot(): string {
  bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return bootId;
}

/** Whether it is still the same process, and not one that got its number later. */
export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  if (process.bootId !== thisBoot()) return false;
  const stat = await readFile(`/proc/${process.pid}/stat`, "utf8").catch(() => null);
  if (stat === null) return false;
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state !== "Z" && state !== "X" && fields[18] === process.startTime;
}

/** Sends a signal if it is still the same process; false when it is not there. */
export async function signalTo(target: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(target))) return false;
  try {
    process.kill(target.pid, signal);
    return true;
  } catch {
    return false;
  }
}
