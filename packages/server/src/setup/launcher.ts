import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type LauncherFile, launcherFiles, launcherZip } from "../transports/launcher-files.ts";

const checkout = join(import.meta.dirname, "../../../..");

/** Of the packages that draw a terminal, what its page fetches, as it comes; and under what licence. */
const fetched = {
  "xterm.mjs": "@xterm/xterm/lib/xterm.mjs",
  "xterm.css": "@xterm/xterm/css/xterm.css",
  "xterm.LICENSE.txt": "@xterm/xterm/LICENSE",
  "addon-fit.mjs": "@xterm/addon-fit/lib/addon-fit.mjs",
};

/**
 * Copies the launcher to where sessions can read it, whoever's home the checkout lies in; a launcher that changed gets a
 * folder of its own, so that running sessions keep theirs. Beside the folder, the same as one file: `<folder>.pyz`.
 * Answers the folder.
 */
export function installLauncher(softwareFolder: string): string {
  const files = [...launcherFiles(join(checkout, "extensions/session")), ...terminalFiles()];
  const folder = join(softwareFolder, `session-launcher-${digestOf(files)}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}.partial`;
  for (const { name, content } of files) {
    mkdirSync(dirname(join(partial, name)), { recursive: true });
    chmodSync(dirname(join(partial, name)), 0o755);
    writeFileSync(join(partial, name), content, { mode: 0o644 });
  }
  chmodSync(partial, 0o755);
  writeFileSync(`${partial}.pyz`, launcherZip(files), { mode: 0o644 });
  renameSync(`${partial}.pyz`, `${folder}.pyz`);
  try {
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function terminalFiles(): LauncherFile[] {
  return Object.entries(fetched).map(([name, path]) => ({
    name: `endstation_session/terminal/page/${name}`,
    content: readFileSync(join(checkout, "node_modules", path)),
  }));
}

function digestOf(files: readonly LauncherFile[]): string {
  const hash = createHash("sha256");
  for (const { name, content } of files) hash.update(`${name} ${content.length}\n`).update(content);
  return hash.digest("hex").slice(0, 12);
}
