#!/usr/bin/env node
// Builds the Jupyter environments declared beside this file. Needs Node 20 and a Python with venv, nothing else.
import { createHash } from "node:crypto";
import { access, cp, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "./lib/errors.mjs";
import { withLock } from "./lib/lock.mjs";
import { findPython } from "./lib/python.mjs";
import { childEnvironment, run, tail } from "./lib/run.mjs";
import { installUv, uvEnvironment } from "./lib/uv.mjs";

export { BuildError };

const HERE = dirname(fileURLToPath(import.meta.url));

/** Counted up when the way of building changes, so that environments built the old way are built again. */
const RECIPE = 1;

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
  const entries = await readdir(environmentsFolder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const there = await Promise.all(
    names.map((name) => exists(join(environmentsFolder, name, "requirements.lock"))),
  );
  return names.filter((_, index) => there[index]).sort();
}

async function buildOne(site, name) {
  const { softwareFolder, environmentsFolder, python, onProgress } = site;
  const report = (step, done = false) => onProgress({ name, step, done });
  const digest = await digestOf(environmentsFolder, name, python.version);
  const folder = join(softwareFolder, "environments");
  const path = join(folder, `${name}-${digest.slice(0, 12)}`);
  const result = { path, digest, pythonVersion: python.version };
  if (!(await exists(path))) {
    report("Fetching the installer");
    const tools = await installUv({ softwareFolder, python, requirements: join(HERE, "lib", "uv.lock") });
    await mkdir(folder, { recursive: true });
    await withLock(python.path, join(folder, `.${name}.lock`), async () => {
      if (await exists(path)) return;
      await fill({ ...site, tools, name, path, report });
    });
  }
  report("Ready", true);
  return result;
}

/** Fills a folder beside the place and moves it there when it is whole: what has the name is always complete. */
async function fill({ softwareFolder, environmentsFolder, python, tools, name, path, report }) {
  const partial = join(dirname(path), `.${name}.partial`);
  await rm(partial, { recursive: true, force: true });
  const environment = await uvEnvironment({ softwareFolder, tools });
  const execute = async (program, programArguments, env = environment) => {
    const { code, stderr } = await run(program, programArguments, { cwd: softwareFolder, env });
    if (code === 0) return;
    throw new BuildError("build-failed", `The environment ${name} could not be built:\n${tail(stderr)}`);
  };
  report("Making a virtual environment");
  await execute(tools.uv, ["venv", "--quiet", "--relocatable", "--python", python.path, partial]);
  report("Fetching and checking the packages");
  const inside = join(partial, "bin", "python");
  const lock = join(environmentsFolder, name, "requirements.lock");
  const strict = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--compile-bytecode"];
  await execute(tools.uv, [
    "pip",
    "install",
    "--quiet",
    "--python",
    inside,
    ...strict,
    "--requirements",
    lock,
  ]);
  report("Adding the Jupyter configuration");
  await addConfiguration(environmentsFolder, partial, execute);
  await execute("chmod", ["-R", "u=rwX,go=rX", partial]);
  await rename(partial, path);
}

/** Copies the shared configuration, and makes matplotlib's list of fonts beforehand where there is matplotlib. */
async function addConfiguration(environmentsFolder, partial, execute) {
  const shared = join(environmentsFolder, "jupyter");
  await cp(join(shared, "etc"), join(partial, "etc"), { recursive: true });
  await cp(join(shared, "share"), join(partial, "share"), { recursive: true });
  const [library] = await readdir(join(partial, "lib"));
  const packages = join(partial, "lib", library, "site-packages");
  await cp(join(shared, "python"), packages, { recursive: true });
  const inside = join(partial, "bin", "python");
  const fonts = { MPLCONFIGDIR: join(partial, "share", "matplotlib") };
  const compile = "import compileall, sys; compileall.compile_dir(sys.argv[1], 0, quiet=2)";
  await execute(inside, ["-I", "-c", compile, packages]);
  if (!(await exists(join(packages, "matplotlib")))) return;
  await execute(inside, ["-I", "-c", "import matplotlib.font_manager"], childEnvironment(partial, fonts));
}

/** The same digest means the same files: the lock, the shared configuration, the Python and the machine. */
async function digestOf(environmentsFolder, name, pythonVersion) {
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ recipe: RECIPE, pythonVersion, architecture: process.arch }));
  const shared = join(environmentsFolder, "jupyter");
  const files = [join(environmentsFolder, name, "requirements.lock")];
  for (const part of ["etc", "python", "share"]) files.push(...(await filesBelow(join(shared, part))));
  for (const file of files) {
    const content = await readFile(file);
    hash.update(JSON.stringify([relative(environmentsFolder, file), content.length]));
    hash.update(content);
  }
  return hash.digest("hex");
}

async function filesBelow(folder) {
  const names = (await readdir(folder)).filter((name) => name !== "__pycache__").sort();
  const parts = names.map(async (name) => {
    const path = join(folder, name);
    return (await stat(path)).isDirectory() ? filesBelow(path) : [path];
  });
  return (await Promise.all(parts)).flat();
}

/** Writes every requirements.lock anew from its requirements.in. */
async function lockAll({ softwareFolder, environmentsFolder, names, python: chosen }) {
  const python = await findPython(chosen);
  const tools = await installUv({ softwareFolder, python, requirements: join(HERE, "lib", "uv.lock") });
  const env = await uvEnvironment({ softwareFolder, tools });
  env.UV_CUSTOM_COMPILE_COMMAND = "node environments/build.mjs --lock";
  for (const name of names) {
    const flags = ["--universal", "--python-version", "3.10", "--only-binary", ":all:", "--generate-hashes"];
    const quiet = ["--quiet", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"];
    const overrides = ["--overrides", join("..", "jupyter", "overrides.txt")];
    const files = ["requirements.in", "--output-file", "requirements.lock"];
    const cwd = join(environmentsFolder, name);
    const { code, stderr } = await run(
      tools.uv,
      ["pip", "compile", "--python", python.path, ...flags, ...quiet, ...overrides, ...files],
      { cwd, env },
    );
    if (code !== 0) throw new BuildError("build-failed", `${name} could not be locked:\n${tail(stderr)}`);
    process.stdout.write(`${name}: locked\n`);
  }
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
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
  const chosen = { softwareFolder: resolve(softwareFolder), environmentsFolder: HERE, python };
  if (wantsLock) {
    const inputs = (await readdir(HERE, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const all = inputs.map((entry) => entry.name).filter((name) => !["jupyter", "lib"].includes(name));
    await lockAll({ ...chosen, names: names.length > 0 ? names : all });
    return 0;
  }
  const onProgress = ({ name, step }) => process.stderr.write(`${name}: ${step}\n`);
  const built = await buildEnvironments({ ...chosen, ...(names.length > 0 ? { names } : {}), onProgress });
  process.stdout.write(`${JSON.stringify(built, null, 2)}\n`);
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
