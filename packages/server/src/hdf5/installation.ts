import { chmod, cp, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where a reader process finds its program: a folder that any account on the machine may read. */
export interface Installation {
  readonly folder: string;
  readonly main: string;
  readonly plugins: string;
}

/**
 * Copies the reader's program and the HDF5 library below `folder` (about 12 MB, once per version): the checkout may lie
 * where an account of its own cannot enter, and the copy is all of our code that a reader process can see.
 */
export async function installReader(folder: string): Promise<Installation> {
  const library = dirname(dirname(dirname(fileURLToPath(import.meta.resolve("h5wasm/node")))));
  const plugins = dirname(fileURLToPath(import.meta.resolve("h5wasm-plugins")));
  const partial = join(dirname(folder), `.${process.pid}-${Date.now()}.partial`);
  await mkdir(partial, { recursive: true, mode: 0o755 });
  await cp(join(import.meta.dirname, "worker"), join(partial, "worker"), { recursive: true });
  await cp(join(import.meta.dirname, "reading.ts"), join(partial, "reading.ts"));
  await writeFile(join(partial, "package.json"), '{ "type": "module" }\n');
  for (const part of ["package.json", "LICENSE.txt", "dist/node"])
    await cp(join(library, part), join(partial, "node_modules/h5wasm", part), { recursive: true });
  await cp(join(plugins, "plugins"), join(partial, "plugins"), { recursive: true });
  await openToAll(partial);
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  return { folder, main: join(folder, "worker/main.ts"), plugins: join(folder, "plugins") };
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    await (entry.isDirectory() ? openToAll(path) : chmod(path, 0o644));
  }
}
