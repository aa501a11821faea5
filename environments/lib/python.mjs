import { realpath, stat } from "node:fs/promises";
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
 * The Python that environments are made from. Sessions run under other user ids and see the system's folders only, so
 * one below /usr comes first. As root nothing else is taken; an ordinary user's sessions run as that user, so a Python
 * of one's own is better than none, and `prefix` says where a sandbox must look for it.
 *
 * @returns {Promise<{path: string, version: string, prefix: string}>}
 */
export async function findPython(chosen, candidates = everyCandidate()) {
  const seen = [];
  for (const path of chosen ? [chosen] : candidates) {
    const python = await look(path);
    if (!python) continue;
    if (isNewEnough(python) && (chosen || (await isOfTheSystem(python)))) return python;
    seen.push(python);
  }
  const fitting = seen.filter(isNewEnough);
  if (fitting.length > 0 && process.getuid?.() !== 0) return fitting[0];
  throw notFound(chosen, seen, fitting);
}

function notFound(chosen, seen, fitting) {
  const needs = `Environments need Python ${OLDEST.join(".")} or newer`;
  const remedy = { needs: ["python3", "python3-venv"] };
  if (fitting.length > 0) {
    const [{ path, version, prefix }] = fitting;
    const where = `${path} is ${version}, but it lies in ${prefix}, where the sessions' users cannot go`;
    return new BuildError("python-missing", `${needs} below /usr; ${where}.`, remedy);
  }
  if (seen.length > 0) {
    const old = seen.map((each) => `${each.path} is ${each.version}`).join(", ");
    return new BuildError("python-too-old", `${needs}; ${old}.`, { found: seen });
  }
  const where = chosen ?? "/usr/bin, /usr/local/bin and the PATH";
  return new BuildError("python-missing", `${needs}; none was found in ${where}.`, remedy);
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

function everyCandidate() {
  const onPath = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  return [...new Set([...WELL_KNOWN, ...onPath.map((folder) => join(folder, "python3"))])];
}

/** What a program says of itself, if it is a Python at all. */
async function look(path) {
  const script = "import json, sys; print(json.dumps([list(sys.version_info[:3]), sys.base_prefix]))";
  const { code, stdout } = await run(path, ["-I", "-S", "-c", script]);
  if (code !== 0) return undefined;
  const [version, prefix] = JSON.parse(stdout);
  return { path, version: version.join("."), prefix };
}

async function isOfTheSystem({ path, prefix }) {
  const below = prefix === "/usr" || prefix.startsWith("/usr/");
  return below && (await everyoneReaches(await realpath(path)));
}

async function everyoneReaches(path) {
  for (let at = path; ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false;
    if (at === "/") return true;
  }
}

function isNewEnough({ version }) {
  const [major, minor] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
