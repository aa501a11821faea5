import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";

/** Counted up when the way of building changes, so that environments built the old way are built again. */
const RECIPE = 2;

/** What decides the packages of an environment: its lock, the Python and the machine. */
export async function packagesDigestOf(environmentsFolder, name, python) {
  const { path, version } = python;
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ recipe: RECIPE, path, version, architecture: process.arch }));
  await addFiles(hash, environmentsFolder, [join(environmentsFolder, name, "requirements.lock")]);
  return hash.digest("hex");
}

/** The same digest means the same files: the packages, the shared configuration and the notebooks. */
export async function digestOf(environmentsFolder, name, packagesDigest) {
  const hash = createHash("sha256").update(packagesDigest);
  const shared = ["etc", "python", "share"].map((part) => join("jupyter", part));
  for (const part of [...shared, join(name, "python"), join(name, "notebooks")])
    await addFiles(hash, environmentsFolder, await filesBelow(join(environmentsFolder, part)));
  return hash.digest("hex");
}

async function addFiles(hash, root, files) {
  for (const file of files) {
    const content = await readFile(file);
    hash.update(JSON.stringify([relative(root, file), content.length]));
    hash.update(content);
  }
}

async function filesBelow(folder) {
  const names = await readdir(folder).catch(() => []);
  const wanted = names.filter((name) => name !== "__pycache__" && name !== ".ipynb_checkpoints").sort();
  const parts = wanted.map(async (name) => {
    const path = join(folder, name);
    return (await stat(path)).isDirectory() ? filesBelow(path) : [path];
  });
  return (await Promise.all(parts)).flat();
}
