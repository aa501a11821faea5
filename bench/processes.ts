import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** A TCP port of the loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export interface Started {
  readonly child: ChildProcess;
  /** Ends the whole process group. */
  end(): Promise<void>;
}

/** Starts a program in a process group of its own. */
export function startProgram(
  program: string,
  words: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Started {
  const child = spawn(program, words, { ...options, detached: true, stdio: "ignore" });
  const ended = once(child, "exit");
  return {
    child,
    end: async () => {
      if (child.exitCode !== null || child.pid === undefined) return;
      process.kill(-child.pid, "SIGTERM");
      const slow = setTimeout(() => process.kill(-(child.pid as number), "SIGKILL"), 5_000);
      await ended;
      clearTimeout(slow);
    },
  };
}
