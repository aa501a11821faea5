import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launcherFolder } from "../../testing/session-world.ts";

/** A real terminal session's server on a Unix socket, with a shell of this machine and no sandbox around it. */
export interface Terminal {
  readonly socket: string;
  readonly home: string;
  /** What runs in it: the command lines of its processes. */
  processes(): string[];
  close(): Promise<void>;
}

/** Binds the socket as a supervisor does, and becomes the launcher. */
const bind = `
import os, socket, sys
folder, launcher = sys.argv[1:]
listening = socket.socket(socket.AF_UNIX)
listening.bind(folder + "/s")
listening.listen()
listening.set_inheritable(True)
print("bound", flush=True)
words = ["--folder", folder, "--listen-fd", str(listening.fileno()), "--path", os.environ["PATH"]]
os.execv(sys.executable, [sys.executable, "-I", launcher, *words])`;

export async function startTerminal(): Promise<Terminal> {
  const folder = mkdtempSync(join(tmpdir(), "est-te-"));
  const home = join(folder, "home");
  mkdirSync(home);
  writeFileSync(join(folder, "spec.json"), JSON.stringify(document));
  const child = spawn("python3", ["-c", bind, folder, launcherFolder], {
    cwd: "/",
    env: { HOME: home, PATH: "/usr/local/bin:/usr/bin:/bin", PS1: "$ ", SHELL: "/bin/bash", LANG: "C.UTF-8" },
    stdio: ["ignore", "pipe", process.env["ENDSTATION_TEST_LOG"] === undefined ? "ignore" : "inherit"],
  });
  await once(child.stdout as NonNullable<typeof child.stdout>, "data");
  return {
    socket: join(folder, "s"),
    home,
    processes: () => descendantsOf(child.pid ?? 0).toSorted(),
    close: async () => {
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const document = {
  session: { id: "s-1", name: "A terminal", kind: "terminal" },
  ...{ owner: { account: "ada" }, datasets: [], notebook: null, parameters: {}, job: null },
};

function descendantsOf(pid: number): string[] {
  const threads = join("/proc", String(pid), "task");
  const children = readdirSync(threads).flatMap((thread) =>
    readFileSync(join(threads, thread, "children"), "utf8")
      .trim()
      .split(" ")
      .filter(Boolean)
      .map(Number),
  );
  const own = readFileSync(join("/proc", String(pid), "cmdline"), "utf8").replaceAll("\0", " ");
  return [`${pid} ${own}`, ...children.flatMap(descendantsOf)];
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await over;
  clearTimeout(timer);
}
