#!/usr/bin/env node
// Makes the archive of the demonstration facility out of real measurements that public packages carry.
// Needs Node 20 and a Python with venv, nothing else.
import { createHash } from "node:crypto";
import { access, chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "../environments/lib/errors.mjs";
import { withLock } from "../environments/lib/lock.mjs";
import { findPython } from "../environments/lib/python.mjs";
import { childEnvironment, run, tail } from "../environments/lib/run.mjs";
import { installUv } from "../environments/lib/uv.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const UV_LOCK = join(HERE, "..", "environments", "lib", "uv.lock");
const DONE = ".complete";

export async function buildDemonstrationArchive(options) {
  const softwareFolder = resolve(options.softwareFolder);
  const archiveFolder = resolve(options.archiveFolder);
  const report = (step, done = false) => options.onProgress?.({ name: "demonstration data", step, done });
  const recipe = JSON.parse(await readFile(join(HERE, "recipe.json"), "utf8"));
  const digest = await digestOfSources();
  const result = {
    facilityFile: join(archiveFolder, "facility.yaml"),
    datasets: recipe.datasets.map((dataset) => dataset.folder),
  };
  if (!(await isComplete(archiveFolder, recipe, digest))) {
    const python = await findPython(options.python);
    report("Fetching the installer");
    const tools = await installUv({ softwareFolder, python, requirements: UV_LOCK });
    await mkdir(archiveFolder, { recursive: true, mode: 0o755 });
    await withLock(python.path, join(archiveFolder, ".lock"), async () => {
      if (await isComplete(archiveFolder, recipe, digest)) return;
      report("Fetching and checking the packages");
      const wheels = await fetchWheels(softwareFolder, tools, recipe);
      report("Laying out the measurements");
      for (const dataset of recipe.datasets)
        await placeDataset({ archiveFolder, tools, wheels, recipe, dataset });
      await finish(archiveFolder, result.facilityFile, digest);
    });
  }
  report("Ready", true);
  return result;
}

/** The packages, each checked against its hash, by name. Kept, so that a repair needs no network. */
async function fetchWheels(softwareFolder, tools, recipe) {
  const folder = join(softwareFolder, "packages");
  await mkdir(folder, { recursive: true });
  const wheels = Object.fromEntries(recipe.packages.map((each) => [each.name, join(folder, each.wheel)]));
  const missing = [];
  for (const each of recipe.packages) {
    if ((await sha256Of(wheels[each.name])) !== each.sha256) missing.push(each);
  }
  if (missing.length === 0) return wheels;
  const requirements = join(folder, "requirements.txt");
  const lines = missing.map((each) => `${each.name}==${each.version} --hash=sha256:${each.sha256}\n`);
  await writeFile(requirements, lines.join(""));
  // The platform is named so that every machine fetches the same file; nothing of it is run.
  const same = ["--platform", "manylinux2014_x86_64", "--python-version", "3.11", "--implementation", "cp"];
  const strict = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"];
  const pip = ["-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet"];
  const words = [...pip, ...strict, ...same, "--dest", folder, "--requirement", requirements];
  const { code, stderr } = await run(tools.python, words, {
    cwd: folder,
    env: childEnvironment(softwareFolder),
  });
  if (code === 0) return wheels;
  throw new BuildError(
    "packages-unavailable",
    `The demonstration data could not be fetched:\n${tail(stderr)}`,
  );
}

/**
 * Makes a dataset's folder beside its place and moves it there when it is whole. One that is there already with the same
 * content stays: a session may have it mounted.
 */
async function placeDataset({ archiveFolder, tools, wheels, recipe, dataset }) {
  const target = join(archiveFolder, dataset.folder);
  const partial = join(archiveFolder, ".partial");
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o755 });
  const from = recipe.packages.find((each) => each.name === dataset.package);
  const members = [...dataset.files.map((file) => [file, basename(file)]), [from.licenceFile, "LICENCE"]];
  const order = JSON.stringify({ wheel: wheels[from.name], folder: partial, members });
  const { code, stdout, stderr } = await run(tools.python, ["-I", join(HERE, "extract.py"), order]);
  if (code !== 0)
    throw new BuildError("build-failed", `${dataset.folder} could not be made:\n${tail(stderr)}`);
  const source = join(partial, "SOURCE.md");
  await writeFile(source, describeSource(dataset, from, JSON.parse(stdout)));
  await chmod(source, 0o644);
  await chmod(partial, 0o755);
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  await chmod(dirname(target), 0o755);
  if (await isSame(partial, target)) return rm(partial, { recursive: true });
  await rm(target, { recursive: true, force: true });
  await rename(partial, target);
}

async function isSame(one, other) {
  return (await run("diff", ["-rq", one, other])).code === 0;
}

function describeSource(dataset, from, hashes) {
  const rows = dataset.files.map((file) => {
    const name = basename(file);
    return `| ${name} | ${file} | ${hashes[name]} |`;
  });
  return `# ${dataset.title}

Taken unchanged from ${from.name} ${from.version}, ${from.homepage}
(package file ${from.wheel}, sha256 ${from.sha256}).
Licence: ${from.licence}, by the authors of ${from.name}; its text is in the file LICENCE.
${dataset.note ? `\n${dataset.note}\n` : ""}
| file | place in the package | sha256 |
|---|---|---|
${rows.join("\n")}
`;
}

async function finish(archiveFolder, facilityFile, digest) {
  const partial = `${facilityFile}.partial`;
  await copyFile(join(HERE, "facility.yaml"), partial);
  await chmod(partial, 0o644);
  await rename(partial, facilityFile);
  await chmod(archiveFolder, 0o755);
  await writeFile(join(archiveFolder, DONE), digest);
}

/** Made from these very sources, and nothing has been taken away since. */
async function isComplete(archiveFolder, recipe, digest) {
  if ((await readFile(join(archiveFolder, DONE), "utf8").catch(() => "")) !== digest) return false;
  const files = recipe.datasets.flatMap(({ folder, files }) =>
    files.map((file) => join(folder, basename(file))),
  );
  const there = [...files, "facility.yaml"].map((file) => access(join(archiveFolder, file)));
  return Promise.all(there).then(
    () => true,
    () => false,
  );
}

async function digestOfSources() {
  const hash = createHash("sha256");
  for (const name of ["build.mjs", "extract.py", "facility.yaml", "recipe.json"]) {
    hash.update(await readFile(join(HERE, name)));
  }
  return hash.digest("hex");
}

async function sha256Of(file) {
  const content = await readFile(file).catch(() => undefined);
  return content && createHash("sha256").update(content).digest("hex");
}

async function main(words) {
  const option = (name) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
  const softwareFolder = option("--software");
  const archiveFolder = option("--archive");
  if (!softwareFolder || !archiveFolder) {
    process.stderr.write("Usage: node demo/build.mjs --software DIR --archive DIR [--python FILE]\n");
    return 2;
  }
  const onProgress = ({ step }) => process.stderr.write(`${step}\n`);
  const python = option("--python");
  const made = await buildDemonstrationArchive({ softwareFolder, archiveFolder, python, onProgress });
  process.stdout.write(`${made.datasets.length} datasets in ${archiveFolder}\n`);
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
