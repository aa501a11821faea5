import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPython } from "../../environments/lib/python.mjs";
import { childEnvironment, run, tail } from "../../environments/lib/run.mjs";
import { installUv, uvEnvironment } from "../../environments/lib/uv.mjs";
import { secondsUntilOk } from "../bench.ts";
import { freePort, startProgram } from "../processes.ts";

const version = "6.1.1";
const proxyVersion = "5.3.0";
const root = join(import.meta.dirname, "../..");

export interface Peers {
  /** JupyterLab and JupyterHub with the very packages of the environment `nexus`, and no settings of ours. */
  readonly python: string;
  readonly proxy: string;
}

export function peersIn(softwareFolder: string): Peers {
  const folder = join(softwareFolder, "bench");
  return {
    python: join(folder, `jupyterhub-${version}`, "bin"),
    proxy: join(folder, "proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"),
  };
}

export async function peersThere(softwareFolder: string): Promise<boolean> {
  const { python, proxy } = peersIn(softwareFolder);
  return Promise.all([access(join(python, "jupyterhub")), access(proxy)]).then(
    () => true,
    () => false,
  );
}

/** Fetches JupyterHub beside the packages of `nexus`, and its proxy. */
export async function preparePeers(softwareFolder: string): Promise<void> {
  const python = await findPython(undefined);
  const tools = await installUv({
    softwareFolder,
    python,
    requirements: join(root, "environments/lib/uv.lock"),
  });
  const env = await uvEnvironment({ softwareFolder, tools });
  const { python: bin } = peersIn(softwareFolder);
  const lock = join(root, "environments/nexus/requirements.lock");
  const inside = join(bin, "python");
  const uv = (words: readonly string[]) => must(tools.uv, words, env);
  await uv(["venv", "--quiet", "--clear", "--python", python.path, join(bin, "..")]);
  const strict = ["pip", "install", "--quiet", "--compile-bytecode", "--python", inside];
  await uv([...strict, "--require-hashes", "--no-deps", "--requirements", lock]);
  await uv([...strict, `jupyterhub==${version}`]);
  await prepareProxy(softwareFolder);
}

/** Fetches configurable-http-proxy alone. */
export async function prepareProxy(softwareFolder: string): Promise<void> {
  const prefix = join(peersIn(softwareFolder).proxy, "../../../..");
  await must(
    "npm",
    ["install", "--silent", "--prefix", prefix, `configurable-http-proxy@${proxyVersion}`],
    childEnvironment(softwareFolder),
  );
}

export async function must(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd?: string,
): Promise<void> {
  const { code, stderr } = await run(program, [...words], cwd === undefined ? { env } : { env, cwd });
  if (code !== 0) throw new Error(`${program} ${words.slice(0, 3).join(" ")}: ${tail(stderr)}`);
}

export interface Hub {
  /** Seconds from asking for a server to its answer at `/api/status`. */
  start(user: string): Promise<number>;
  end(): Promise<void>;
}

/** JupyterHub, up and idle. */
export async function startHub(softwareFolder: string): Promise<Hub> {
  const { python, proxy } = peersIn(softwareFolder);
  const folder = await mkdtemp(join(tmpdir(), "endstation-hub-"));
  const url = `http://127.0.0.1:${await freePort()}`;
  const token = "bench-of-endstation";
  const env = {
    ...childEnvironment(folder, { HOME: folder }),
    PATH: `${python}:${process.env["PATH"]}`,
    BENCH_URL: url,
    BENCH_HUB_PORT: String(await freePort()),
    BENCH_PROXY_PORT: String(await freePort()),
    BENCH_NODE: process.execPath,
    BENCH_PROXY: proxy,
    BENCH_TOKEN: token,
  };
  const config = join(import.meta.dirname, "jupyterhub_config.py");
  const program = startProgram(join(python, "jupyterhub"), ["--config", config], { cwd: folder, env });
  const ask = (path: string, method = "GET") =>
    fetch(`${url}${path}`, { method, headers: { authorization: `token ${token}` } });
  await secondsUntilOk(() => ask("/hub/api/"), performance.now());
  return {
    start: async (user) => {
      await demandOk(await ask(`/hub/api/users/${user}`, "POST"));
      const since = performance.now();
      await demandOk(await ask(`/hub/api/users/${user}/server`, "POST"));
      const seconds = await secondsUntilOk(() => ask(`/user/${user}/api/status`), since);
      await demandOk(await ask(`/hub/api/users/${user}/server`, "DELETE"));
      return seconds;
    },
    end: async () => {
      await program.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function demandOk(answer: Response): Promise<void> {
  if (!answer.ok) throw new Error(`JupyterHub answered ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}
