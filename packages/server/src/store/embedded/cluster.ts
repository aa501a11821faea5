import { spawn } from "node:child_process";
import { chown, lstat, mkdir, opendir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { EndstationError } from "@endstation/core";
import type { Binaries } from "./binaries.ts";
import type { Owner } from "./owner.ts";

/** Name of the superuser and of the database. */
export const databaseName = "endstation";

/** What PostgreSQL's programs see of our environment: nothing of the caller's PG… variables. */
export const cleanEnvironment = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" } as const;

/**
 * Makes the data folder if there is none: made beside its place and moved there when it is whole.
 * @throws `database-version` where the data folder is of another major version; `disk-full`; `software-incomplete`.
 */
export async function ensureCluster(
  binaries: Binaries,
  dataFolder: string,
  owner: Owner | null,
): Promise<void> {
  const version = await versionOf(dataFolder);
  if (version === binaries.major) return;
  if (version !== null) {
    throw new EndstationError(
      "database-version",
      `${dataFolder} was made by PostgreSQL ${version}; this is PostgreSQL ${binaries.major}`,
    );
  }
  await demandEmpty(dataFolder);
  const partial = `${dataFolder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  await initialise(binaries, partial, owner);
  await rm(dataFolder, { recursive: true, force: true });
  await rename(partial, dataFolder);
}

async function versionOf(dataFolder: string): Promise<string | null> {
  const text = await readFile(join(dataFolder, "PG_VERSION"), "utf8").catch(() => null);
  return text?.trim() ?? null;
}

/** A folder with something in it that is no database is somebody's; it is not touched. */
async function demandEmpty(dataFolder: string): Promise<void> {
  const found = await stat(dataFolder).catch(() => null);
  if (found === null) return;
  for await (const entry of await opendir(dataFolder)) {
    throw new EndstationError(
      "state-unwritable",
      `${dataFolder} is not empty (${entry.name}) and is not a database`,
      { next: "Move what is in it away, or choose another folder with --state." },
    );
  }
}

/**
 * `initdb` refuses to run as root and as a user id without a name, so as root it runs as `nobody` for this once and
 * what it made is then given to the database's own user id.
 */
async function initialise(binaries: Binaries, partial: string, owner: Owner | null): Promise<void> {
  const runAs = owner === null ? null : await nobody();
  if (runAs !== null) await chown(partial, runAs.uid, runAs.gid);
  const words = ["--pgdata", partial, "--username", databaseName, "--encoding", "UTF8", "--locale", "C"];
  const provider = ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"];
  const access = ["--auth-local", "trust", "--auth-host", "reject"];
  const ran = await run(join(binaries.folder, "bin", "initdb"), [...words, ...provider, ...access], runAs);
  if (ran.code !== 0) throw initFault(ran.output, partial);
  if (owner !== null) await giveTo(partial, owner);
}

async function nobody(): Promise<Owner> {
  const passwd = await readFile("/etc/passwd", "utf8");
  const [, , uid, gid] = (/^nobody:.*$/m.exec(passwd)?.[0] ?? "nobody:x:65534:65534").split(":");
  return { uid: Number(uid), gid: Number(gid) };
}

async function giveTo(folder: string, owner: Owner): Promise<void> {
  const ran = await run("chown", ["-hR", `${owner.uid}:${owner.gid}`, folder], null);
  if (ran.code !== 0) throw initFault(ran.output, folder);
  const found = await lstat(folder);
  if (found.uid !== owner.uid) throw initFault("the folder could not be given to its user", folder);
}

function initFault(output: string, folder: string): EndstationError {
  const words = output.trim().split("\n").slice(-6).join("\n");
  if (/No space left on device/.test(output))
    return new EndstationError("disk-full", `no database could be made in ${folder}: ${words}`);
  const detail = `no database could be made in ${folder}: ${words}`;
  if (!/look up effective user ID/.test(output)) return new EndstationError("software-incomplete", detail);
  return new EndstationError("software-incomplete", detail, {
    next: "Give this user id a name in /etc/passwd, or set DATABASE_URL to a PostgreSQL of your own.",
  });
}

function run(
  command: string,
  words: readonly string[],
  as: Owner | null,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const identity = as === null ? {} : { uid: as.uid, gid: as.gid };
    const child = spawn(command, words, { env: cleanEnvironment, cwd: "/", ...identity });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.on("error", (error) => resolve({ code: 127, output: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 137, output }));
  });
}
