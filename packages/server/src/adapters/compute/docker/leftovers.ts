import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Rejected } from "@endstation/core";
import type { Engine } from "./client.ts";

const patience = 5_000;
const lookAgain = 20;

/** Removes a container that the engine does not hold for started, with all that runs of it nevertheless. */
export async function discard(engine: Engine, id: string): Promise<void> {
  await endProcessesOf(id);
  await engine.remove(id);
}

/**
 * An engine that was killed while it started a container, or that took one for dead, may have lost its processes: it knows
 * of none and ends none.
 * @throws Rejected when they are not ours to end.
 */
export async function endProcessesOf(id: string): Promise<void> {
  for (const until = performance.now() + patience; performance.now() < until; await sleep(lookAgain)) {
    const left = await processesOf(id);
    if (left.length === 0) return;
    left.forEach(kill);
  }
}

/** A container's id is in its control group's path, whichever driver and version made it. */
async function processesOf(id: string): Promise<number[]> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const groups = numbers.map((number) => readFile(`/proc/${number}/cgroup`, "utf8").catch(() => ""));
  const isOf = (await Promise.all(groups)).map((text) => text.includes(id));
  return numbers.filter((_, at) => isOf[at]).map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return;
    throw new Rejected(
      "launch-rejected",
      `the engine has lost process ${pid} of it, which only root can end`,
    );
  }
}
