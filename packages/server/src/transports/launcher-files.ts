import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";

export interface LauncherFile {
  /** Below the launcher's folder. */
  readonly name: string;
  readonly content: Buffer;
}

/** Python, and what it hands to browsers. */
const ours = /(\.py|\/page\/[\w.-]+)$/;

/** The launcher's files, sorted by name. */
export function launcherFiles(folder: string): readonly LauncherFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => ours.test(name))
    .sort()
    .map((name) => ({ name, content: readFileSync(join(folder, name)) }));
}

/** The launcher as one file that Python runs (`python -I launcher.pyz`). The same files make the same bytes. */
export function launcherZip(files: readonly LauncherFile[]): Uint8Array {
  const mtime = new Date(1980, 0, 1);
  return zipSync(Object.fromEntries(files.map(({ name, content }) => [name, [content, { mtime }]])));
}
