#!/usr/bin/env node
// Builds the Jupyter environments declared beside this file. Needs Node 20 and a Python with venv, nothing else.
import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { digestOf, packagesDigestOf } from "./lib/digest.mjs";
import { BuildError } from "./lib/errors.mjs";
import { assemble } from "./lib/fill.mjs";
import { exists, openFolder } from "./lib/folders.mjs";
import { withLock } from "./lib/lock.mjs";
import { findPython } from "./lib/python.mjs";
import { lockRequirements } from "./lib/requirements.mjs";
import { listStaticFiles } from "./lib/static-files.mjs";

export { BuildError };

const HERE = dirname(fileURLToPath(import.meta.url));

export async function buildEnvironments(options) {
  const softwareFolder = resolve(options.softwareFolder);
  const environmentsFolder = options.environmentsFolder ?? HERE;
  const declared = await declaredEnvironments(environmentsFolder);
  const names = options.names ?? declared;
  for (const name of names) {
    if (declared.includes(name)) continue;
    const message = `There is no environment ${name}; declared are ${declared.join(", ")}.`;
    throw new BuildError("environment-unknown", message);
  }
  const python = await findPython(options.python);
  const site = { softwareFolder, environmentsFolder, python, onProgress: options.onProgress ?? (() => {}) };
  const built = {};
  for (const name of names) built[name] = await buildOne(site, name);
  return built;
}

/** Every folder that has a declaration and a lock. */
export async function declaredEnvironments(environmentsFolder = HERE) {
  const names = await foldersWith(environmentsFolder, "requirements.lock");
  const declared = await foldersWith(environmentsFolder, "environment.yaml");
  return names.filter((name) => declared.includes(name));
}

async function buildOne(site, name) {
  const { softwareFolder, environmentsFolder, python, onProgress } = site;
  const report = (step, done = false) => onProgress({ name, step, done });
  const packagesDigest = await packagesDigestOf(environmentsFolder, name, python);
  const digest = await digestOf(environmentsFolder, name, packagesDigest);
  const folder = join(softwareFolder, "environments");
  const path = join(folder, `${name}-${digest.slice(0, 12)}`);
  if (!(await exists(path))) {
    await openFolder(folder);
    await withLock(python.path, join(folder, `.${name}.lock`), async () => {
      if (!(await exists(path))) await assemble({ ...site, name, path, packagesDigest, report });
    });
  }
  const staticFiles = await listStaticFiles({ softwareFolder, name, digest, path, report });
  report("Ready", true);
  return {
    path,
    notebooks: join(path, "share", "endstation", "notebooks"),
    staticFiles,
    digest,
    pythonVersion: python.version,
  };
}

async function foldersWith(environmentsFolder, file) {
  const entries = await readdir(environmentsFolder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const there = await Promise.all(names.map((name) => exists(join(environmentsFolder, name, file))));
  return names.filter((_, index) => there[index]).sort();
}

const USAGE = `Usage: node environments/build.mjs --software DIR [--python FILE] [NAME…]
       node environments/build.mjs --software DIR --lock [NAME…]
`;

async function main(words) {
  const option = (name) => {
    const at = words.indexOf(name);
    return at < 0 ? undefined : words.splice(at, 2)[1];
  };
  const softwareFolder = option("--software");
  const python = option("--python");
  const wantsLock = words.includes("--lock");
  const names = words.filter((word) => !word.startsWith("--"));
  if (!softwareFolder || words.some((word) => word.startsWith("--") && word !== "--lock")) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (wantsLock) {
    const all = await foldersWith(HERE, "environment.yaml");
    const what = { environmentsFolder: HERE, names: names.length > 0 ? names : all, python };
    await lockRequirements({ softwareFolder: resolve(softwareFolder), ...what });
    return 0;
  }
  const onProgress = ({ name, step }) => process.stderr.write(`${name}: ${step}\n`);
  const chosen = { softwareFolder, python, ...(names.length > 0 ? { names } : {}), onProgress };
  process.stdout.write(`${JSON.stringify(await buildEnvironments(chosen), null, 2)}\n`);
  return 0;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
