import { cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "./errors.mjs";
import { exists, openFolder } from "./folders.mjs";
import { childEnvironment, run, tail } from "./run.mjs";
import { installUv, uvEnvironment } from "./uv.mjs";

const UV_LOCK = fileURLToPath(new URL("uv.lock", import.meta.url));

/**
 * Makes an environment out of its packages, the shared configuration and its notebooks. It is filled beside its place
 * and moved there when it is whole, and never changed afterwards: what has the name is complete, and a session that
 * runs on it sees no change. Packages are kept apart and shared by hard links, so that a new notebook costs a second.
 */
export async function assemble(task) {
  const { name, path, report } = task;
  const packages = await preparePackages(task);
  report("Adding the Jupyter configuration and the notebooks");
  const partial = join(dirname(path), `.${name}.partial`);
  await rm(partial, { recursive: true, force: true });
  await step(task, "cp", ["-al", packages, partial]);
  await addConfiguration(task, partial);
  await addNotebooks(task, partial);
  await step(task, "chmod", ["-R", "u=rwX,go=rX", partial]);
  await rename(partial, path);
}

async function preparePackages(task) {
  const { softwareFolder, python, name, packagesDigest, report } = task;
  const folder = join(softwareFolder, "environments", ".packages");
  const path = join(folder, `${name}-${packagesDigest.slice(0, 12)}`);
  if (await exists(path)) return path;
  report("Fetching the installer");
  const tools = await installUv({ softwareFolder, python, requirements: UV_LOCK });
  await openFolder(folder);
  const partial = join(folder, `${name}.partial`);
  await rm(partial, { recursive: true, force: true });
  await install({ ...task, tools }, partial);
  await makeFontList(task, partial);
  await rename(partial, path);
  return path;
}

async function install(task, folder) {
  const { softwareFolder, environmentsFolder, python, tools, name, report } = task;
  const env = await uvEnvironment({ softwareFolder, tools });
  report("Making a virtual environment");
  await step(task, tools.uv, ["venv", "--quiet", "--relocatable", "--python", python.path, folder], env);
  report("Fetching and checking the packages");
  const strict = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--compile-bytecode"];
  const into = ["--python", join(folder, "bin", "python")];
  const what = ["--requirements", join(environmentsFolder, name, "requirements.lock")];
  await step(task, tools.uv, ["pip", "install", "--quiet", ...into, ...strict, ...what], env);
}

/** matplotlib looks for all fonts at its first plot; the list is made beforehand instead. */
async function makeFontList(task, folder) {
  if (!(await exists(join(await packagesFolder(folder), "matplotlib")))) return;
  const fonts = { MPLCONFIGDIR: join(folder, "share", "matplotlib") };
  await inside(task, folder, ["-c", "import matplotlib.font_manager"], fonts);
}

async function addConfiguration(task, folder) {
  const shared = join(task.environmentsFolder, "jupyter");
  for (const part of ["etc", "share"]) await cp(join(shared, part), join(folder, part), { recursive: true });
  const packages = await packagesFolder(folder);
  for (const modules of [join(shared, "python"), join(task.environmentsFolder, task.name, "python")])
    if (await exists(modules)) await addModules(task, folder, packages, modules);
}

async function addModules(task, folder, packages, modules) {
  const entries = (await readdir(modules)).filter((entry) => entry !== "__pycache__");
  for (const entry of entries) {
    const filter = (source) => !source.endsWith("__pycache__");
    await cp(join(modules, entry), join(packages, entry), { recursive: true, filter });
    if (entry.endsWith(".pth")) continue;
    await inside(task, folder, ["-m", "compileall", "-q", join(packages, entry)]);
  }
}

async function addNotebooks(task, folder) {
  const from = join(task.environmentsFolder, task.name, "notebooks");
  const to = join(folder, "share", "endstation", "notebooks");
  await mkdir(to, { recursive: true });
  const filter = (source) => !source.endsWith(".ipynb_checkpoints");
  if (await exists(from)) await cp(from, to, { recursive: true, filter });
}

async function packagesFolder(folder) {
  const [library] = await readdir(join(folder, "lib"));
  return join(folder, "lib", library, "site-packages");
}

async function inside(task, folder, words, variables = {}) {
  await step(task, join(folder, "bin", "python"), ["-I", ...words], childEnvironment(folder, variables));
}

async function step({ softwareFolder, name }, program, words, env = childEnvironment(softwareFolder)) {
  const { code, stderr } = await run(program, words, { cwd: softwareFolder, env });
  if (code === 0) return;
  throw new BuildError("build-failed", `The environment ${name} could not be built:\n${tail(stderr)}`);
}
