import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultStateFolder, softwareFolderOf } from "../folders.mjs";
import { execute } from "./execute.mjs";
import { fail } from "./fail.mjs";
import { fileFault, SetupFault } from "./fault.mjs";
import { ensureNode } from "./node.mjs";
import { packagesAreThere } from "./packages.mjs";
import { step } from "./say.mjs";

const ownCheckout = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** `run.mjs SCRIPT [WORD…]`: everything the script needs, then the script; settles when that has ended. */
export async function main(words, { checkout = ownCheckout } = {}) {
  const [script, ...rest] = words;
  if (script === undefined) {
    process.stderr.write("Usage: node bootstrap/run.mjs SCRIPT.ts [WORD…]\n");
    process.exitCode = 2;
    return;
  }
  try {
    const softwareFolder = makeSoftwareFolder();
    const node = await ensureNode({ softwareFolder });
    if (!packagesAreThere(checkout)) await install({ node, checkout, softwareFolder });
    process.exitCode = await execute({ node, script: fileOf(checkout, script), words: rest });
  } catch (error) {
    fail(error);
  }
}

/** Programs are for everybody to run; the state folder around them, where it is the usual one, is not for everybody to list. */
function makeSoftwareFolder() {
  process.umask(0o022);
  const folder = softwareFolderOf();
  try {
    const isBelowState = dirname(folder) === defaultStateFolder();
    if (isBelowState)
      mkdirSync(dirname(folder), { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw fileFault(error, folder);
  }
  return folder;
}

/** In a process of its own, so that the packages are resolved by the Node that uses them. */
async function install({ node, checkout, softwareFolder }) {
  await step("Packages", async () => {
    const program = join(ownCheckout, "bootstrap", "install.mjs");
    const words = ["--disable-warning=ExperimentalWarning", program, checkout, softwareFolder];
    const ran = spawnSync(node, words, { stdio: "inherit" });
    if (ran.status !== 0) process.exit(ran.status ?? 1);
  });
}

/** A script is named from the checkout, or from where the person stands. */
function fileOf(checkout, script) {
  for (const file of [resolve(checkout, script), resolve(script)]) if (existsSync(file)) return file;
  throw new SetupFault(
    "software-incomplete",
    `there is no ${script} in ${checkout}`,
    "Check the name of the script.",
  );
}
