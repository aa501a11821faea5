import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const file = join(tmpdir(), "endstation-test-cluster.pid");

/** Test files take turns with the cluster: one of them kills its API server. Answers how it is given back. */
export async function lockCluster(): Promise<() => void> {
  while (!taken()) await sleep(200);
  return () => rmSync(file, { force: true });
}

function taken(): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (!isAlive(holder())) rmSync(file, { force: true });
    return false;
  }
}

/** Null: it has just been given back, or is just being taken. */
function holder(): number | null {
  try {
    return Number(readFileSync(file, "utf8")) || null;
  } catch {
    return null;
  }
}

function isAlive(pid: number | null): boolean {
  if (pid === null) return true;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
