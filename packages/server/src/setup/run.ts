import { spawn } from "node:child_process";

export interface Ran {
  /** 127 where the program could not be started. */
  readonly code: number;
  /** What it wrote to both streams. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs a program to its end. Never rejects. */
export function run(program: string, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.on("error", (error) => resolve({ code: 127, output: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 137, output }));
  });
}

/** The last lines of what a program wrote. */
export function tail(output: string, lines = 8): string {
  return output.trim().split("\n").slice(-lines).join("\n");
}
