import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** A whole Endstation in a process of its own, with a state folder of its own. */
export interface RunningPortal {
  readonly url: string;
  readonly port: number;
  readonly state: string;
  /** Everything it wrote so far. */
  output(): string;
  /** SIGTERM, as an operator stops it; its exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL to the server alone: what it started lives on. */
  kill(): Promise<void>;
  /** Starts it again on the same state. */
  start(): Promise<void>;
}

export interface PortalOptions {
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts one and waits until it says that it is ready. */
export async function startPortal(options: PortalOptions = {}): Promise<RunningPortal> {
  const state = await mkdtemp(join(tmpdir(), "endstation-e2e-"));
  const port = await freePort();
  let output = "";
  let child: ChildProcess | null = null;
  const start = async () => {
    const words = ["--disable-warning=ExperimentalWarning", join(root, "packages/server/src/main.ts")];
    const own = [
      "--port",
      String(port),
      "--state",
      state,
      ...(options.config === undefined ? [] : ["--config", options.config]),
    ];
    child = spawn(process.execPath, [...words, ...own], {
      cwd: "/",
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    await readiness(child, () => output);
  };
  await start();
  return {
    url: `http://localhost:${port}`,
    port,
    state,
    output: () => output,
    start: () => {
      output = "";
      return start();
    },
    stop: () => end(child, "SIGTERM"),
    kill: async () => void (await end(child, "SIGKILL")),
  };
}

/** Stops it, ends the sessions and the database that are left, and removes its folder. */
export async function removePortal(portal: RunningPortal): Promise<void> {
  await portal.stop();
  await rm(portal.state, { recursive: true, force: true });
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
