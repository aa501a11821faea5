import { spawn } from "node:child_process";
import { once } from "node:events";

const HOLD = `
import fcntl, sys
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
`;

/**
 * Does the work while nobody else on this machine holds the lock file. The lock is held by a small child whose
 * input ends when this process does, however it ends: a lock is never left behind.
 */
export async function withLock(python, file, work) {
  const holder = spawn(python, ["-I", "-S", "-c", HOLD, file], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(holder, "exit");
  const [first] = await Promise.race([once(holder.stdout, "data"), ended]);
  if (!String(first).startsWith("held")) throw new Error(`The lock ${file} could not be taken.`);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
