import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./documented.ts";
import { logIn } from "./person.ts";
import { removeRemains } from "./remains.ts";
import { until } from "./until.ts";

/** A whole Endstation in a process of its own, with a state folder of its own. */
export interface RunningPortal {
  readonly url: string;
  readonly port: number;
  readonly state: string;
  /** Everything it wrote since it was last started. */
  output(): string;
  /** SIGTERM, as an operator stops it; its exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL to the server alone: what it started lives on. */
  kill(): Promise<void>;
  /** Starts it again on the same state. */
  start(): Promise<void>;
}

/** How a portal's program is run. */
export interface ProgramOptions {
  /** The program and its first words; the server itself when left out. */
  readonly program?: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The user and group it runs as. */
  readonly account?: number;
}

export interface PortalOptions extends ProgramOptions {
  readonly config?: string;
}

const server = [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  join(root, "packages/server/src/main.ts"),
] as const;

/** Starts one and waits until it says that it is ready. */
export async function startPortal(options: PortalOptions = {}): Promise<RunningPortal> {
  const state = await stateFolder();
  const config = await configWords(state, options);
  const port = await freePort();
  const portal = portalOn(port, state, ["--state", state, ...config], options);
  await portal.start().catch(async (error: unknown) => {
    await removeRemains(state);
    throw error;
  });
  return portal;
}

/** With `ENDSTATION_TEST_WORKERS`, a journey is made through as many gateway workers. */
async function configWords(state: string, { config }: PortalOptions): Promise<string[]> {
  const workers = process.env["ENDSTATION_TEST_WORKERS"];
  if (workers === undefined) return config === undefined ? [] : ["--config", config];
  const file = join(state, "endstation.yaml");
  await writeFile(
    file,
    `${config === undefined ? "" : await readFile(config, "utf8")}\nworkers: ${workers}\n`,
  );
  return ["--config", file];
}

/** One that does not run yet. */
export function portalOn(
  port: number,
  state: string,
  words: readonly string[],
  options: ProgramOptions = {},
): RunningPortal {
  let output = "";
  let child: ChildProcess | null = null;
  return {
    url: `http://localhost:${port}`,
    port,
    state,
    output: () => output,
    start: async () => {
      output = "";
      child = spawnPortal(["--port", String(port), ...words], options, (text) => {
        output += text;
      });
      await readiness(child, () => output);
    },
    stop: () => end(child, "SIGTERM"),
    kill: async () => void (await end(child, "SIGKILL")),
  };
}

/** A new, empty state folder that the portal's other users can pass through. */
export async function stateFolder(): Promise<string> {
  const state = await mkdtemp(join(tmpdir(), "es-e2e-"));
  await chmod(state, 0o711);
  return state;
}

/** Runs it with these words, from the root folder. */
export function spawnPortal(
  words: readonly string[],
  { program = server, env = {}, account }: ProgramOptions = {},
  onOutput: (text: string) => void = () => {},
): ChildProcess {
  const [file, ...first] = program;
  const child = spawn(file, [...first, ...words], {
    cwd: "/",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(account === undefined ? {} : { uid: account, gid: account }),
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", onOutput);
  return child;
}

/** What a start that fails did: its exit code and its words. */
export async function failedStart(
  words: readonly string[],
  options: ProgramOptions = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  let output = "";
  const child = spawnPortal(words, options, (text) => {
    output += text;
    if (output.includes("Endstation is ready at")) child.kill("SIGKILL");
  });
  await once(child, "close");
  return { code: child.exitCode, output };
}

/** Stops its sessions and it, ends what is left of it, and removes everything it kept. */
export async function removePortal(portal: RunningPortal): Promise<void> {
  await stopSessions(portal).catch(() => {});
  await portal.stop();
  await removeRemains(portal.state);
}

async function stopSessions({ url }: RunningPortal): Promise<void> {
  const admin = await logIn(url, "admin");
  const live = async () =>
    (await admin.call("listSessions", { all: "true", phase: "live", limit: 100 })).items;
  for (const { id } of await live()) await admin.call("stopSession", { id });
  await until("all sessions to have ended", async () => (await live()).length === 0, 20_000);
}

async function end(child: ChildProcess | null, signal: NodeJS.Signals): Promise<number | null> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
  return child.exitCode;
}

function readiness(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error(`not ready after 10 minutes:\n${output()}`)), 600_000);
    child.once("exit", (code) => {
      clearTimeout(tooLate);
      reject(new Error(`ended with ${code} before it was ready:\n${output()}`));
    });
    child.stdout?.on("data", () => {
      if (!output().includes("Endstation is ready at")) return;
      clearTimeout(tooLate);
      resolve();
    });
  });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
