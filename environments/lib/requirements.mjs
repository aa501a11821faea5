import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "./errors.mjs";
import { findPython } from "./python.mjs";
import { run, tail } from "./run.mjs";
import { installUv, uvEnvironment } from "./uv.mjs";

const UV_LOCK = fileURLToPath(new URL("uv.lock", import.meta.url));

/** Writes requirements.lock anew from requirements.in, for every Python and machine at once, with hashes. */
export async function lockRequirements({ softwareFolder, environmentsFolder, names, python: chosen }) {
  const python = await findPython(chosen);
  const tools = await installUv({ softwareFolder, python, requirements: UV_LOCK });
  const env = await uvEnvironment({ softwareFolder, tools });
  env.UV_CUSTOM_COMPILE_COMMAND = "node environments/build.mjs --lock";
  const flags = ["--universal", "--python-version", "3.10", "--only-binary", ":all:", "--generate-hashes"];
  const quiet = ["--quiet", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"];
  const overrides = ["--overrides", join("..", "jupyter", "overrides.txt")];
  const files = ["requirements.in", "--output-file", "requirements.lock"];
  const words = ["pip", "compile", "--python", python.path, ...flags, ...quiet, ...overrides, ...files];
  for (const name of names) {
    const { code, stderr } = await run(tools.uv, words, { cwd: join(environmentsFolder, name), env });
    if (code !== 0) throw new BuildError("build-failed", `${name} could not be locked:\n${tail(stderr)}`);
    process.stdout.write(`${name}: locked\n`);
  }
}
