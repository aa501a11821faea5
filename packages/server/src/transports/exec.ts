import { type ChildProcess, spawn } from "node:child_process";
import { type CancelSignal, Unavailable } from "@endstation/core";

/** A command as a list of words: no shell of ours ever reads it. */
export interface Command {
  readonly words: readonly string[];
  /** What it reads on its standard input; left out: nothing. */
  readonly input?: string | Uint8Array;
}

/** How a command ended, and what it said. */
export interface Ran {
  readonly status: number;
  readonly output: string;
  readonly error: string;
}

/**
 * Runs commands somewhere. A status that is not 0 is an answer like any other.
 * @throws Unavailable when it cannot be run, is killed, says too much or nothing for too long, or the signal is raised.
 */
export type Exec = (command: Command, signal: CancelSignal) => Promise<Ran>;

export interface HereOptions {
  /** All that commands find in their environment: nothing of the portal's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly within?: number;
  readonly mostBytes?: number;
}

const usualEnvironment = {
  PATH: "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
  LC_ALL: "C.UTF-8",
};

/** Runs commands on this machine, as ourselves. */
export function execHere(options: HereOptions = {}): Exec {
  return (command, signal) => {
    if (signal.aborted) return Promise.reject(new Unavailable("called off"));
    return run(command, signal, options);
  };
}

async function run(command: Command, signal: CancelSignal, options: HereOptions): Promise<Ran> {
  const { environment = usualEnvironment, within = 60_000, mostBytes = 256 * 1024 * 1024 } = options;
  const [program = "", ...rest] = command.words;
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  // In a process group of its own, so that what it started ends with it.
  const child = spawn(program, rest, { cwd: "/", env: environment, detached: true, stdio: "pipe" });
  const giveUp = (why: string) => {
    killGroup(child);
    reject(new Unavailable(`${program}: ${why}`));
  };
  const abort = () => giveUp("called off");
  const timer = setTimeout(() => giveUp(`no answer within ${within / 1000} s`), within);
  signal.addEventListener("abort", abort);
  const said = collect(child, mostBytes, () => giveUp("it says too much"));
  child.once("error", (error) => reject(new Unavailable(`${program}: ${error.message}`, { cause: error })));
  child.once("close", (status, killedBy) =>
    status === null
      ? reject(new Unavailable(`${program}: ended by ${killedBy}`))
      : resolve({ status, ...said() }),
  );
  child.stdin?.on("error", () => {}).end(command.input ?? "");
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  });
}

function collect(
  child: ChildProcess,
  mostBytes: number,
  tooMuch: () => void,
): () => Pick<Ran, "output" | "error"> {
  const said = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let bytes = 0;
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) tooMuch();
      else said[stream].push(chunk);
    });
  return () => ({
    output: Buffer.concat(said.stdout).toString(),
    error: Buffer.concat(said.stderr).toString().trim(),
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {} // it has ended, or runs as somebody whom we may not kill
}

/** An account of a machine. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Runs commands as another account of this machine: as root by changing to it for good, else by sudo that asks nothing. */
export function execAs(account: Account, exec: Exec, weAreRoot: boolean): Exec {
  const ids = ["--reuid", String(account.uid), "--regid", String(account.gid), "--init-groups"];
  const become = weAreRoot ? ["setpriv", ...ids, "--inh-caps=-all", "--"] : sudoWords(account.name);
  return ({ words, ...rest }, signal) => exec({ words: [...become, ...words], ...rest }, signal);
}

export function sudoWords(account: string): string[] {
  return ["sudo", "--non-interactive", `--user=${account}`, "--"];
}
