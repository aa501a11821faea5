import { spawn, spawnSync } from "node:child_process";
import { access } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { findPython } from "../../../../environments/lib/python.mjs";
import { run, tail } from "../../../../environments/lib/run.mjs";
import { installUv, uvEnvironment } from "../../../../environments/lib/uv.mjs";

const root = join(import.meta.dirname, "../../../..");
const scripts = join(import.meta.dirname, "h5grove");

/** Python with the real h5grove, in a folder of its own; made once per machine. */
export async function preparedH5grove(softwareFolder: string): Promise<string> {
  const folder = join(softwareFolder, "h5grove-4.0.0");
  const inside = join(folder, "bin/python");
  const isThere = await access(join(folder, "complete")).then(
    () => true,
    () => false,
  );
  if (isThere) return inside;
  const python = await findPython(undefined);
  const requirements = join(root, "environments/lib/uv.lock");
  const tools = await installUv({ softwareFolder, python, requirements });
  const env = await uvEnvironment({ softwareFolder, tools });
  const must = async (words: readonly string[]) => {
    const { code, stderr } = await run(tools.uv, [...words], { env });
    if (code !== 0) throw new Error(`uv ${words.slice(0, 2).join(" ")}: ${tail(stderr)}`);
  };
  await must(["venv", "--quiet", "--clear", "--python", python.path, folder]);
  const lock = join(scripts, "requirements.txt");
  await must(["pip", "install", "--quiet", "--no-deps", "--python", inside, "--requirements", lock]);
  await run("touch", [join(folder, "complete")], { env });
  return inside;
}

/** Runs one of the scripts of the folder `h5grove` and gives what it wrote. */
export function runScript(python: string, script: string, ...words: readonly string[]): string {
  const ran = spawnSync(python, [join(scripts, script), ...words], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`${script}: ${ran.stderr.slice(-2000)}`);
  return ran.stdout;
}

/** A script that stays, with its stdin and stdout. */
export function startScript(python: string, script: string, ...words: readonly string[]) {
  return spawn(python, [join(scripts, script), ...words], { stdio: ["pipe", "pipe", "inherit"] });
}

/** The real h5grove server over a folder. */
export async function startH5grove(
  python: string,
  folder: string,
): Promise<{ readonly url: string; readonly pid: number; end(): void }> {
  const port = await freePort();
  const server = spawn(python, [join(scripts, "server.py"), folder, String(port)], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  let ended = false;
  server.once("exit", () => {
    ended = true;
  });
  while (
    !(await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (ended) throw new Error("h5grove did not start");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, pid: server.pid as number, end: () => void server.kill("SIGKILL") };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });
}
