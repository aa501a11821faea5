import { createHash } from "node:crypto";
import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Datafile } from "@endstation/core";
import { formatOf } from "./formats.ts";

/** The files of a dataset's folder, sorted, and a mark that changes when any of them does. */
export interface Listing {
  readonly files: readonly Datafile[];
  readonly mark: string;
  /** What is wrong with the folder as a whole. */
  readonly problems: readonly string[];
}

const bounds = { depth: 12, entries: 10_000, path: 1000 };

/** Lists a folder without opening a file; what is not a plain file below it is listed with the reason. */
export async function listFolder(root: string): Promise<Listing> {
  const files: Datafile[] = [];
  const problems: string[] = [];
  const visit = async (path: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, path), { withFileTypes: true, encoding: "buffer" }).catch(
      (error: NodeJS.ErrnoException) => {
        problems.push(`${path === "" ? "its folder" : path} cannot be listed (${error.code})`);
        return [];
      },
    );
    for (const entry of entries) {
      const { name, isSound } = nameOf(entry);
      if (name.startsWith(".")) continue;
      if (files.length >= bounds.entries) return;
      const inner = path === "" ? name : `${path}/${name}`;
      if (isSound && entry.isDirectory() && depth < bounds.depth) await visit(inner, depth + 1);
      else files.push(await fileOf(root, inner, isSound));
    }
  };
  await visit("", 0);
  if (files.length >= bounds.entries)
    problems.push(`it has more than ${bounds.entries} files; only those are shown`);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, problems, mark: markOf(files) };
}

/** A name that is no UTF-8 or has control characters is shown with what can be shown of it, and cannot be asked for. */
function nameOf(entry: Dirent<Buffer>): { readonly name: string; readonly isSound: boolean } {
  const name = entry.name.toString("utf8");
  const isSound = Buffer.from(name, "utf8").equals(entry.name) && !/[\p{C}\p{Zl}\p{Zp}\\]/u.test(name);
  return isSound
    ? { name, isSound }
    : { name: name.replaceAll(/[\p{C}\p{Zl}\p{Zp}\\]/gu, "\u{fffd}"), isSound };
}

async function fileOf(root: string, path: string, isSound: boolean): Promise<Datafile> {
  if (!isSound) return hindered(path, "its name has characters that cannot be asked for");
  if (path.length > bounds.path) return hindered(`${path.slice(0, bounds.path)}…`, "its path is too long");
  try {
    const found = await lstat(join(root, path));
    if (found.isFile()) return plain(path, found);
    if (found.isDirectory()) return hindered(path, "it is a folder too deep to be looked into");
    return found.isSymbolicLink()
      ? await linked(root, path)
      : hindered(path, "it is a pipe or a device, not a file");
  } catch (error) {
    return hindered(path, `it cannot be looked at (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function linked(root: string, path: string): Promise<Datafile> {
  const target = await realpath(join(root, path)).catch(() => null);
  if (target === null) return hindered(path, "it is a link to nothing");
  if (!target.startsWith(root + sep)) return hindered(path, "it is a link that leads out of the dataset");
  const found = await stat(target);
  return found.isFile()
    ? plain(path, found)
    : hindered(path, "it is a link to a folder, which is not followed");
}

function plain(path: string, { size, mtimeMs }: Stats): Datafile {
  return { path, sizeBytes: size, modifiedAt: Math.round(mtimeMs), format: formatOf(path), problem: null };
}

function hindered(path: string, problem: string): Datafile {
  return { path, sizeBytes: 0, modifiedAt: 0, format: formatOf(path), problem };
}

function markOf(files: readonly Datafile[]): string {
  const hash = createHash("sha256");
  for (const { path, sizeBytes, modifiedAt, problem } of files)
    hash.update(`${path}\0${sizeBytes}\0${modifiedAt}\0${problem ?? ""}\0`);
  return hash.digest("hex");
}
