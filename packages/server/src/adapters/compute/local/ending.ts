import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cgroup } from "./cgroups.ts";
import type { Order } from "./order.ts";
import { isAlive, signalTo } from "./processes.ts";
import { markStop, readPart, writeEnd } from "./records.ts";
import type { Site } from "./site.ts";
import type { ProcessIdentity } from "./status.ts";

/** How long beyond its grace a supervisor may take before it is killed with all it watches over. */
const patience = 10_000;

/** Has the session ended; returns when its supervisor knows. What has ended already, or never began, is left at that. */
export async function end(site: Site, handle: string): Promise<void> {
  const { folders, options } = site;
  const order = await readPart(folders, handle, "order.json");
  if (order === null || (await readPart(folders, handle, "end.json")) !== null) return;
  const askedAt = await markStop(folders, handle);
  const supervisor = await readPart(folders, handle, "supervisor.json");
  const overdue = Date.now() > askedAt + options.graceSeconds * 1000 + patience;
  if (supervisor !== null && !overdue && (await signalTo(supervisor, "SIGTERM"))) return;
  if (supervisor !== null) await signalTo(supervisor, "SIGKILL");
  await clearUp(site, handle, order, true);
}

/** What a supervisor would have done that was killed: nothing of the session stays behind, and its end is written down. */
export async function clearUp(site: Site, handle: string, order: Order, asked: boolean): Promise<void> {
  const sandbox = await readPart(site.folders, handle, "sandbox.json");
  if (sandbox !== null && (await signalTo(sandbox, "SIGKILL"))) await untilGone(sandbox);
  const outOfMemory = (await Promise.all(order.cgroups.map(killsIn))).some((kills) => kills > 0);
  await Promise.all(order.cgroups.map(removeCgroup));
  for (const path of [order.socket === null ? null : dirname(order.socket), order.scratch])
    if (path !== null) await rm(path, { recursive: true, force: true });
  const at = Date.now();
  await writeEnd(site.folders, handle, { exitCode: null, trouble: null, asked, outOfMemory, at });
}

/** Process 1 of a sandbox is gone when all others there are. */
async function untilGone(sandbox: ProcessIdentity): Promise<void> {
  for (let attempt = 0; attempt < 500 && (await isAlive(sandbox)); attempt += 1) await sleep(10);
}

async function killsIn({ folder, killsFile }: Cgroup): Promise<number> {
  if (killsFile === null) return 0;
  const text = await readFile(join(folder, killsFile), "utf8").catch(() => "");
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** The kernel keeps a group until its last process is quite gone. */
export async function removeCgroup({ folder }: Pick<Cgroup, "folder">): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    }
    await killAll(folder);
    await sleep(10);
  }
}

async function killAll(folder: string): Promise<void> {
  const text = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "");
  for (const pid of text.split("\n").filter((line) => line !== "")) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {}
  }
}

/** Names in a folder; none where there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
