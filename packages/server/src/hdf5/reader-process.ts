import { spawn } from "node:child_process";
import type { CancelSignal } from "@endstation/core";
import { environment, type ReaderCommand } from "./confinement.ts";
import { limits } from "./limits.ts";
import type { FileReading, ReadingJob } from "./reading.ts";
import { readerLine } from "./reading-schema.ts";

/** How a reader process ended. `during`: the file that it was reading then. */
export interface Ended {
  readonly why: "done" | "silent" | "crashed" | "memory" | "cpu" | "babble" | "cancelled";
  readonly during: string | null;
  /** Whether it came up at all: if not, this way of confining does not work here. */
  readonly wasReady: boolean;
  readonly stderr: string;
}

/** Runs one reader process to its end, passing on every reading; it is killed when it is silent, babbles or is not wanted. */
export function runReader(
  command: ReaderCommand,
  { files, perFileMs }: { readonly files: readonly string[]; readonly perFileMs: number },
  onReading: (path: string, reading: FileReading) => void,
  signal: CancelSignal,
): Promise<Ended> {
  const child = spawn(command.command, [...command.args], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    cwd: "/",
    env: Object.fromEntries(environment),
    ...(command.account ?? {}),
  });
  return new Promise((resolve) => {
    let why: Ended["why"] | null = null;
    let during: string | null = null;
    let wasReady = false;
    let [stdout, stderr, total] = ["", "", 0];

    const kill = (reason: Ended["why"]) => {
      why ??= reason;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => kill("silent"), perFileMs);
    const cancel = () => kill("cancelled");

    const take = (text: string) => {
      const line = readerLine(text);
      if (line === null || why !== null) return kill("babble");
      timer.refresh();
      if ("ready" in line) wasReady = true;
      else if ("begin" in line) during = line.begin;
      else if (line.path === during) {
        during = null;
        onReading(line.path, line.reading);
      } else kill("babble");
    };
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      total += part.length;
      const lines = (stdout + part).split("\n");
      stdout = lines.pop() ?? "";
      for (const line of lines) take(line);
      if (stdout.length > limits.line || total > limits.output) kill("babble");
    });
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      if (stderr.length < 4096) stderr += part.slice(0, 4096);
    });
    child.stdin.on("error", () => {});
    child.on("error", (error) => {
      stderr += error.message;
    });
    child.on("close", (code, name) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
      killGroup(child.pid);
      resolve({ why: why ?? endOf(code, name, stderr), during, wasReady, stderr });
    });
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
    const job: ReadingJob = { root: command.root, plugins: command.plugins, files };
    child.stdin.end(JSON.stringify(job));
  });
}

export function endOf(code: number | null, signal: NodeJS.Signals | null, stderr: string): Ended["why"] {
  if (code === 0) return "done";
  if (signal === "SIGXCPU" || code === 128 + 24 || signal === "SIGKILL" || code === 128 + 9) return "cpu";
  return /out of memory|allocation failed|Cannot enlarge memory/i.test(stderr) ? "memory" : "crashed";
}

export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
