import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "./errors.mjs";
import { exists, openFolder } from "./folders.mjs";
import { withLock } from "./lock.mjs";
import { requireVenv } from "./python.mjs";
import { childEnvironment, run, tail } from "./run.mjs";

export const UV_VERSION = "0.13.9";

/**
 * The tool that fills environments, in a folder of its own; fetched once, checked against its hash.
 *
 * @returns {Promise<{uv: string, python: string}>} the programs: uv, and a Python that has pip
 */
export async function installUv({ softwareFolder, python, requirements }) {
  const folder = join(softwareFolder, `uv-${UV_VERSION}`);
  const tools = { uv: join(folder, "bin", "uv"), python: join(folder, "bin", "python") };
  if (await exists(tools.uv)) return tools;
  await requireVenv(python);
  await openFolder(softwareFolder);
  await withLock(python.path, join(softwareFolder, ".uv.lock"), async () => {
    if (await exists(tools.uv)) return;
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await step(softwareFolder, python.path, ["-I", "-m", "venv", partial]);
    const pip = ["-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "--no-cache-dir"];
    const install = ["install", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", requirements];
    await step(softwareFolder, join(partial, "bin", "python"), [...pip, ...install]);
    await rename(partial, folder);
  });
  return tools;
}

/**
 * What uv needs in its environment: its cache beside what it makes, no Python of its own, and the site's package
 * mirror and certificates where pip has been told of one.
 */
export async function uvEnvironment({ softwareFolder, tools }) {
  const { stdout } = await run(
    tools.python,
    ["-I", "-m", "pip", "--disable-pip-version-check", "config", "list"],
    {
      env: childEnvironment(softwareFolder),
    },
  );
  const setting = (name) => new RegExp(`^\\S*[.]${name}='(.*)'$`, "m").exec(stdout)?.[1];
  const environment = childEnvironment(softwareFolder, {
    UV_CACHE_DIR: join(softwareFolder, "uv-cache"),
    UV_PYTHON_DOWNLOADS: "never",
    UV_NO_PROGRESS: "1",
  });
  const index = setting("index-url");
  const certificates = setting("cert");
  if (index) environment.UV_DEFAULT_INDEX ??= index;
  if (certificates) environment.SSL_CERT_FILE ??= certificates;
  return environment;
}

async function step(home, program, programArguments) {
  const { code, stderr } = await run(program, programArguments, { cwd: home, env: childEnvironment(home) });
  if (code === 0) return;
  throw new BuildError("packages-unavailable", `uv ${UV_VERSION} could not be installed:\n${tail(stderr)}`);
}
