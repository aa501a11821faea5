import { createHash } from "node:crypto";
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupFault } from "./fault.mjs";
import { runNpm } from "./npm.mjs";

const markerOf = (checkout) => join(checkout, "node_modules", ".endstation");
const ownListOf = (checkout) => join(checkout, "node_modules", ".package-lock.json");

/** Whether node_modules holds what package-lock.json says. */
export function packagesAreThere(checkout) {
  const lock = readFileSync(join(checkout, "package-lock.json"), "utf8");
  return read(markerOf(checkout)) === digestOf(lock) || wasInstalledByHand(checkout, lock);
}

/**
 * Installs them anew. The caller holds the lock; a process killed in the middle leaves no marker, so that the next
 * start begins again.
 */
export async function installPackages({ checkout, node, cache }) {
  demandWritable(checkout);
  for (const file of [markerOf(checkout), ownListOf(checkout)]) rmSync(file, { force: true });
  const lock = readFileSync(join(checkout, "package-lock.json"), "utf8");
  const words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await runNpm({ node, words, cwd: checkout, cache });
  mkdirSync(join(checkout, "node_modules"), { recursive: true });
  writeFileSync(markerOf(checkout), digestOf(lock));
}

/** The processor and the kind of system count: some packages are programs. */
function digestOf(lock) {
  return createHash("sha256").update(`${process.platform} ${process.arch}\n${lock}`).digest("hex");
}

/** npm's own list of what it installed agrees with the lock; only packages for other machines may be missing. */
function wasInstalledByHand(checkout, lock) {
  const own = read(ownListOf(checkout));
  if (own === null) return false;
  const installed = JSON.parse(own).packages ?? {};
  const wanted = Object.entries(JSON.parse(lock).packages).filter(([path]) =>
    path.startsWith("node_modules/"),
  );
  return wanted.every(([path, { version, integrity, optional }]) => {
    const found = installed[path];
    if (found === undefined) return optional === true;
    return found.version === version && found.integrity === integrity;
  });
}

function demandWritable(checkout) {
  try {
    accessSync(checkout, constants.W_OK);
  } catch {
    throw new SetupFault(
      "state-unwritable",
      `the packages of ${checkout} are to be installed, and this user cannot write there`,
      "Let the owner of that folder start Endstation once (or run npm ci there), or use a copy of your own.",
    );
  }
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
