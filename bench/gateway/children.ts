import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A program of the bench that tells by lines; it ends when its input does, or is ended. */
export interface Told {
  readonly child: ChildProcess;
  line(): Promise<string>;
  end(): Promise<void>;
}

/** The core of what is measured, and that of everything else. */
export const subjectCore = "0";
export const loadCore = "1";

export const node = [process.execPath, "--disable-warning=ExperimentalWarning"];

/** Starts a program on one core; what it says to people goes to ours. */
export function startOn(
  core: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): ChildProcess {
  return spawn("taskset", ["--cpu-list", core, ...words], { env, stdio: ["pipe", "pipe", "inherit"] });
}

export function told(child: ChildProcess): Told {
  if (child.stdout === null) throw new Error("it tells nothing");
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    line: async () => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`a program of the bench ended: ${child.spawnargs.join(" ")}`);
      return value as string;
    },
    end: async () => {
      child.stdin?.end();
      await exited;
    },
  };
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}
