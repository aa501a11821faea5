import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { SetupFault } from "./fault.mjs";

/** npm's own program file: the npm that started us, else the one beside this Node, else the one on the PATH. */
export function findNpm(environment = process.env) {
  const beside = join(
    dirname(realpathSync(process.execPath)),
    "..",
    "lib",
    "node_modules",
    "npm",
    "bin",
    "npm-cli.js",
  );
  const onPath = (environment.PATH ?? "").split(delimiter).map((folder) => join(folder, "npm"));
  for (const file of [environment.npm_execpath, beside, ...onPath]) {
    if (!file || !existsSync(file)) continue;
    const real = realpathSync(file);
    if (/npm-cli\.c?js$/.test(real)) return real;
  }
  throw new SetupFault(
    "software-incomplete",
    "npm was not found beside Node nor on the PATH; the packages are fetched with it",
    "Install npm (it comes with Node.js; on Debian: apt-get install npm) and start again.",
  );
}

/**
 * Runs npm with a Node of our choice, whatever Node the `npm` on the PATH belongs to.
 * @throws `packages-unavailable` when the registry cannot be reached; `disk-full`; `software-incomplete`.
 */
export async function runNpm({ node, words, cwd, cache }) {
  const environment = npmEnvironment(node, cache);
  const { code, output } = await run(node, [findNpm(), ...words], { cwd, env: environment });
  if (code !== 0) throw npmFault(words, output);
}

/** Without what an outer `npm start` says of itself; the registry, proxy and certificates it was told of stay. */
function npmEnvironment(node, cache) {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_/i.test(name) || (/^npm_config_/i.test(name) && !/^npm_config_local_prefix$/i.test(name)),
  );
  const environment = Object.fromEntries(kept);
  environment.PATH = `${dirname(node)}${delimiter}${environment.PATH ?? "/usr/bin:/bin"}`;
  if (!environment.HOME) Object.assign(environment, { HOME: cache, npm_config_cache: cache });
  return environment;
}

function run(command, words, options) {
  return new Promise((resolve) => {
    const child = spawn(command, words, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        output += chunk;
      });
    child.on("error", (error) => resolve({ code: 127, output: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 137, output }));
  });
}

const network =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR|CERT_\w+|SELF_SIGNED\w*|UNABLE_TO_\w+|E40[1347]|E50\d|EPROTO)\b/;

function npmFault(words, output) {
  const lines = output
    .split("\n")
    .filter((line) => /^npm (error|ERR!)/.test(line) && !/debug-\d|complete log|\s{4}at /.test(line));
  const told = withoutSecrets((lines.length > 0 ? lines : output.trim().split("\n")).slice(0, 6).join("\n"));
  const doing = `npm ${words.slice(0, 2).join(" ")} failed:\n${told}`;
  if (/ENOSPC|no space left/i.test(output))
    return new SetupFault("disk-full", doing, "Free some space and start again.");
  if (network.test(output)) {
    const next =
      "Check the network, and what npm is told of it: `npm config get registry`, `npm config get proxy`. Then start again.";
    return new SetupFault("packages-unavailable", doing, next);
  }
  return new SetupFault("software-incomplete", doing, "Repair what npm names and start again.");
}

/** A registry's address may carry a name and a password. */
function withoutSecrets(text) {
  return text.replaceAll(/\/\/[^/\s@]+@/g, "//");
}
