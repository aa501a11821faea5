import { rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { parentsOf } from "./cgroups.ts";
import { namesIn, removeCgroup } from "./ending.ts";
import { partsOf } from "./folders.ts";
import { forget, listHandles, readPart } from "./records.ts";
import type { Site } from "./site.ts";

const day = 24 * 60 * 60 * 1000;
const halfMadeAfter = 10 * 60 * 1000;

/**
 * Forgets what ended long ago, and removes what a crash in the middle left half made. What lies about is listed before
 * what lives: a session that begins meanwhile is in neither list's way.
 */
export async function tidy(site: Site, now: number): Promise<void> {
  const { folders, options } = site;
  const sockets = await handlesIn(folders.run);
  const groups = (await Promise.all(parentsOf(site.cgroups).map(handlesIn))).flat();
  const live = new Set<string>();
  for (const handle of await listHandles(folders)) {
    const end = await readPart(folders, handle, "end.json");
    if (end === null) live.add(handle);
    else if (end.at + options.keepEndedDays * day < now) await forget(folders, handle);
  }
  for (const path of sockets) if (!live.has(basename(path))) await rm(path, { recursive: true, force: true });
  for (const folder of groups) if (!live.has(basename(folder))) await removeCgroup({ folder });
  await tidyHalfMade(folders.sessions, now);
  await tidyPrepared(join(folders.run, "prepared"));
}

async function handlesIn(folder: string): Promise<string[]> {
  const names = (await namesIn(folder)).filter((name) => partsOf(name) !== null);
  return names.map((name) => join(folder, name));
}

/** Sockets of prepared processes whose portal was killed; the number in their name is that portal's. */
async function tidyPrepared(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (!(await isRunning(name.split(".").at(-1)))) await rm(join(folder, name), { force: true });
  }
}

/** Whether the portal that named something after itself is there. */
function isRunning(pid: string | undefined): Promise<boolean> {
  return stat(`/proc/${pid}`).then(
    () => true,
    () => false,
  );
}

async function tidyHalfMade(folder: string, now: number): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (!name.startsWith(".new-")) continue;
    const found = await stat(join(folder, name)).catch(() => null);
    const isOld = found !== null && found.mtimeMs + halfMadeAfter < now;
    if (isOld || !(await isRunning(name.split("-").at(-2))))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}
