import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { BuildError } from "./errors.mjs";
import { run } from "./run.mjs";

const OLDEST = [3, 10];
const WELL_KNOWN = [
  "/usr/bin/python3.13",
  "/usr/bin/python3.12",
  "/usr/bin/python3.11",
  "/usr/bin/python3.10",
  "/usr/bin/python3",
  "/usr/local/bin/python3",
];

/**
 * The Python that environments are made from: the first that is new enough and that sessions, which run under
 * other user ids, can reach. A Python below somebody's home is no use to them.
 *
 * @returns {Promise<{path: string, version: string}>}
 */
export async function findPython(chosen) {
  const seen = [];
  for (const path of chosen ? [chosen] : candidates()) {
    if (!(await usable(path, chosen !== undefined))) continue;
    const version = await versionOf(path);
    if (version && isNewEnough(version)) return { path, version };
    if (version) seen.push({ path, version });
  }
  const needs = `Environments need Python ${OLDEST.join(".")} or newer`;
  if (seen.length > 0) {
    const found = seen.map((each) => `${each.path} is ${each.version}`).join(", ");
    throw new BuildError("python-too-old", `${needs}; ${found}.`, { found: seen });
  }
  const where = chosen ?? "/usr/bin, /usr/local/bin and the PATH";
  throw new BuildError("python-missing", `${needs}; none that every user can read was found in ${where}.`, {
    needs: ["python3", "python3-venv"],
  });
}

/** Debian keeps the parts that make a virtual environment in a package of their own. */
export async function requireVenv(python) {
  const { code } = await run(python.path, ["-I", "-c", "import venv, ensurepip"]);
  if (code === 0) return;
  const message =
    `${python.path} cannot make virtual environments: its modules venv and ensurepip are missing. ` +
    "On Debian or Ubuntu install them with: apt-get install python3-venv";
  throw new BuildError("python-venv-missing", message, { needs: ["python3-venv"], python: python.path });
}

function candidates() {
  const onPath = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  return [...new Set([...WELL_KNOWN, ...onPath.map((folder) => join(folder, "python3"))])];
}

async function usable(path, chosenByHand) {
  try {
    await access(path, constants.X_OK);
    return chosenByHand || process.getuid?.() !== 0 || (await everyoneReaches(await realpath(path)));
  } catch {
    return false;
  }
}

async function everyoneReaches(path) {
  if (/^\/(root|home)\//.test(path)) return false;
  for (let at = path; ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false;
    if (at === "/") return true;
  }
}

async function versionOf(path) {
  const script = "import sys; print('%d.%d.%d' % sys.version_info[:3])";
  const { code, stdout } = await run(path, ["-I", "-S", "-c", script]);
  return code === 0 ? stdout.trim() : undefined;
}

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
