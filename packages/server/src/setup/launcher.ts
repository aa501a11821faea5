import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

const checkout = join(import.meta.dirname, "../../../..");

/**
 * Copies the launcher to where sessions can read it, whoever's home the checkout lies in; a launcher that changed gets a
 * folder of its own, so that running sessions keep theirs. Answers the folder.
 */
export function installLauncher(softwareFolder: string): string {
  const source = join(checkout, "extensions/session");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py"))
    .sort()
    .map((name) => ({ name, content: readFileSync(join(source, name)) }));
  const folder = join(softwareFolder, `session-launcher-${digestOf(files)}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}.partial`;
  for (const { name, content } of files) {
    mkdirSync(dirname(join(partial, name)), { recursive: true });
    chmodSync(dirname(join(partial, name)), 0o755);
    writeFileSync(join(partial, name), content, { mode: 0o644 });
  }
  chmodSync(partial, 0o755);
  try {
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function digestOf(files: readonly { readonly name: string; readonly content: Buffer }[]): string {
  const hash = createHash("sha256");
  for (const { name, content } of files) hash.update(`${name} ${content.length}\n`).update(content);
  return hash.digest("hex").slice(0, 12);
}
