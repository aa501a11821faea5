// Installs the packages of a checkout; run by run.mjs with the Node that is used, one process at a time.
import { createHash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fail } from "./lib/fail.mjs";
import { installPackages, packagesAreThere } from "./lib/packages.mjs";
import { say } from "./lib/say.mjs";

const [checkout = "", softwareFolder = ""] = process.argv.slice(2);

try {
  const lock = await takeLock();
  if (!packagesAreThere(checkout)) {
    await installPackages({ checkout, node: process.execPath, cache: join(softwareFolder, "npm-cache") });
  }
  lock.close();
} catch (error) {
  fail(error);
}

/** SQLite's lock on a file: the kernel takes it back when the process ends, however it ends. */
async function takeLock() {
  const name = createHash("sha256").update(checkout).digest("hex").slice(0, 12);
  const file = join(softwareFolder, `.packages-${name}.lock`);
  // Whoever can open the file could lock it too.
  closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file);
  for (let tries = 0; ; tries += 1) {
    try {
      database.exec("BEGIN EXCLUSIVE");
      return database;
    } catch (error) {
      if (!/locked/.test(String(error))) throw error;
    }
    if (tries === 0) say("  another start is installing them; waiting for it");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
