import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./browser.ts";

/** A real JupyterLab on a Unix socket, with no sandbox around it: its own checks on, no token. */
export interface Jupyter {
  readonly socket: string;
  /** What the file browser shows. */
  readonly home: string;
  /** Command lines of all that runs with its home. */
  processes(): string[];
  close(): Promise<void>;
}

/** The newest built environment that has JupyterLab; null where none is built. */
export function builtEnvironment(): string | null {
  const software = process.env["ENDSTATION_SOFTWARE"] ?? "/var/lib/endstation/software";
  const folder = join(software, "environments");
  const found = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const usable = found.filter((path) => existsSync(join(path, "bin/jupyter-lab")) && keepsDocuments(path));
  return usable.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0] ?? null;
}

export interface Furnishing {
  /** Text by file name. */
  readonly files?: Readonly<Record<string, string>>;
  /** The page in front; usually the launcher. */
  readonly front?: string;
  /** A home that is there already, and stays. */
  readonly home?: string;
}

/** Whether it is of today's settings: documents are shared, and kept in their files alone. */
function keepsDocuments(environment: string): boolean {
  const versions = readdirSync(join(environment, "lib")).filter((name) => name.startsWith("python"));
  return versions.some((version) =>
    existsSync(join(environment, "lib", version, "site-packages/endstation_documents.py")),
  );
}

/** In bytes. A message that claims to be long makes Jupyter take whatever it is let have. */
const mostMemory = 4 * 1024 ** 3;

export async function startJupyter(
  environment: string,
  { files = {}, front = "/lab", home: given }: Furnishing = {},
): Promise<Jupyter> {
  const folder = mkdtempSync(join(tmpdir(), "est-ju-"));
  const socket = join(folder, "s");
  const home = given ?? join(folder, "home");
  mkdirSync(home, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  const python = ["-I", join(environment, "bin/jupyter-lab"), ...flags(socket, home, front)];
  const child = spawn("prlimit", [`--data=${mostMemory}`, join(environment, "bin/python"), ...python], {
    cwd: home,
    env: {
      ...{ HOME: home, PATH: "/usr/bin:/bin", JUPYTER_PREFER_ENV_PATH: "1" },
      JUPYTER_RUNTIME_DIR: join(folder, "r"),
    },
    stdio: process.env["ENDSTATION_TEST_LOG"] === undefined ? "ignore" : "inherit",
    detached: true,
  });
  const close = async () => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(() => child.exitCode !== null || answers(socket), 120_000);
    if (child.exitCode !== null) throw new Error(`jupyter-lab ended with ${child.exitCode}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { socket, home, close, processes: () => processesOf(home) };
}

function flags(socket: string, home: string, front: string): string[] {
  const settings = {
    "ServerApp.sock": socket,
    "ServerApp.local_hostnames": "['session.localhost']",
    "ServerApp.open_browser": "False",
    "ServerApp.root_dir": home,
    "ServerApp.allow_root": "True",
    "IdentityProvider.token": "",
    "KernelManager.transport": "ipc",
    "LabApp.default_url": front,
  };
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
}

function processesOf(home: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "latin1").includes(`HOME=${home}\0`)) return [];
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return []; // it has ended meanwhile
      }
    })
    .sort();
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

/** Kernels are in its process group too. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-child.pid, "SIGTERM");
  const timer = setTimeout(() => process.kill(-(child.pid as number), "SIGKILL"), 5_000);
  await over;
  clearTimeout(timer);
}
