import { createHash, randomUUID } from "node:crypto";
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export type Program = "worker" | "serving";

/** Where a reader process finds its program: a folder that any account on the machine may read. */
export interface Installation {
  readonly folder: string;
  /** Below it: the program that reads files once and ends, and the one that stays and answers. */
  readonly programs: Readonly<Record<Program, string>>;
  readonly plugins: string;
}

/**
 * Copies the reader's program and the HDF5 library below `folder`, once per version (about 12 MB): the checkout may lie
 * where an account of its own cannot enter, and the copy is all of our code that a reader process can see. Several
 * processes may do it at once.
 */
export async function installReader(folder: string): Promise<Installation> {
  const parts = partsOf();
  const target = join(folder, `hdf5-reader-${await versionOf(parts)}`);
  if (!(await isThere(target))) await install(parts, target);
  return {
    folder: target,
    programs: { worker: "worker/main.js", serving: "serving/main.js" },
    plugins: join(target, "plugins"),
  };
}

/** What is copied: from where, and to where in the folder. */
type Part = readonly [from: string, to: string];

function partsOf(): readonly Part[] {
  const library = dirname(dirname(dirname(fileURLToPath(import.meta.resolve("h5wasm/node")))));
  const plugins = dirname(fileURLToPath(import.meta.resolve("h5wasm-plugins")));
  return [
    [join(import.meta.dirname, "worker"), "worker"],
    [join(import.meta.dirname, "serving"), "serving"],
    [join(import.meta.dirname, "reading.ts"), "reading.ts"],
    [join(library, "package.json"), "node_modules/h5wasm/package.json"],
    [join(library, "LICENSE.txt"), "node_modules/h5wasm/LICENSE.txt"],
    [join(library, "dist/node"), "node_modules/h5wasm/dist/node"],
    [join(plugins, "package.json"), "plugins-package.json"],
    [join(plugins, "plugins"), "plugins"],
  ];
}

async function install(parts: readonly Part[], target: string): Promise<void> {
  const partial = `${target}.${randomUUID()}.partial`;
  await mkdir(partial, { recursive: true, mode: 0o755 });
  await writeFile(join(partial, "package.json"), '{ "type": "module" }\n');
  for (const [from, to] of parts)
    await cp(from, join(partial, to), { recursive: true, filter: (path) => !path.endsWith(".ts") });
  for (const [from, to] of await programOf(parts)) await writeFile(join(partial, to), from);
  await openToAll(partial);
  await rename(partial, target).catch(async (error: unknown) => {
    await rm(partial, { recursive: true, force: true });
    if (!(await isThere(target))) throw error;
  });
}

/** Our own program as JavaScript: a process that need not strip types starts in two thirds of the time. */
async function programOf(parts: readonly Part[]): Promise<(readonly [text: string, to: string])[]> {
  const files = await Promise.all(
    parts.map(async ([from, to]) => (await filesOf(from)).map((file) => [file, to] as const)),
  );
  const own = files.flat().filter(([file]) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  return Promise.all(
    own.map(async ([file, to]) => {
      const text = stripTypeScriptTypes(await readFile(file, "utf8"));
      const place = file.endsWith(to) ? to : join(to, basename(file));
      return [
        text.replaceAll(/((?:from|import) "\.[^"]+)\.ts"/g, '$1.js"'),
        place.replace(/\.ts$/, ".js"),
      ] as const;
    }),
  );
}

/** Of our own program (and of how it is installed) its content, of the packages their names and versions. */
async function versionOf(parts: readonly Part[]): Promise<string> {
  const hash = createHash("sha256").update(await readFile(import.meta.filename));
  for (const [from, to] of parts) {
    const isOurs = to === "worker" || to === "serving" || to === "reading.ts" || to.endsWith("package.json");
    for (const file of isOurs ? await filesOf(from) : []) hash.update(await readFile(file));
  }
  return hash.digest("hex").slice(0, 12);
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  return (await readdir(path)).sort().map((name) => join(path, name));
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    await (entry.isDirectory() ? openToAll(path) : chmod(path, 0o644));
  }
}
