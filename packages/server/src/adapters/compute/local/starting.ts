import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Unavailable } from "@endstation/core";
import { folderOf } from "./folders.ts";
import type { Order } from "./order.ts";
import { readPart } from "./records.ts";
import { hostFolder, type Site } from "./site.ts";

/** Begins what was laid down: a portal that died between laying down the order and starting the supervisor left one without supervisor. */
export async function ensureSupervised(site: Site, handle: string): Promise<void> {
  const { folders } = site;
  const started = await readPart(folders, handle, "supervisor.json");
  if (started !== null || (await readPart(folders, handle, "end.json")) !== null) return;
  const order = await readPart(folders, handle, "order.json");
  if (order === null) throw new Unavailable(`${handle} was removed while it was being started`);
  await layDownFiles(order);
  await startSupervisor(folderOf(folders, handle), order.command[0] ?? "python3");
}

/** Without a sandbox the files lie in a real folder; in `/tmp`, so it must be one that we made. */
async function layDownFiles({ scratch, files, posix }: Order): Promise<void> {
  if (scratch === null) return;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { mode: 0o755 });
  await mkdir(join(scratch, "runtime"), { mode: 0o700 });
  if (posix !== null) await chown(join(scratch, "runtime"), posix.uid, posix.gid);
  for (const [path, text] of Object.entries(files)) await writeFile(path, text, { mode: 0o644, flag: "wx" });
}

/** Resolves when it has taken the session on (or found that another has). */
async function startSupervisor(folder: string, python: string): Promise<void> {
  const log = openSync(join(folder, "supervisor.log"), "a", 0o600);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const failed = (why: string): void =>
    reject(new Unavailable(`the session's supervisor did not start: ${why}`));
  try {
    const child = spawn(python, ["-I", "-S", join(hostFolder, "supervisor.py"), folder], {
      cwd: "/",
      detached: true,
      stdio: ["ignore", "pipe", log],
      env: { LANG: "C.UTF-8" },
    });
    child.once("error", (error) => failed(error.message));
    child.once("exit", (code) => (code === 0 ? resolve() : failed(`exit code ${code}`)));
    child.stdout?.once("data", () => {
      child.stdout?.destroy();
      resolve();
    });
    child.unref();
    await promise;
  } finally {
    closeSync(log);
  }
}
