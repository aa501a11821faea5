import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const execute = promisify(execFile);

export const isRoot = process.getuid?.() === 0;

const STATE = isRoot ? "/var/lib/endstation" : join(homedir(), ".local/state/endstation");

/** Where the tests find built software, and build what is missing. */
export const softwareFolder = process.env["ENDSTATION_SOFTWARE"] ?? join(STATE, "software");

export function temporaryFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `endstation-${name}-`));
}

/** Gives the work a folder of its own and takes it away afterwards. */
export async function withFolder<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await temporaryFolder(name);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Somebody without any right of their own; as an ordinary user, ourselves. */
export function asNobody(command: readonly string[]): [string, string[]] {
  const stripped = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set=-all"];
  const words = isRoot ? ["setpriv", ...stripped, ...command] : command;
  return [words[0] as string, words.slice(1)];
}
