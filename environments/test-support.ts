import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const execute = promisify(execFile);

const STATE = process.getuid?.() === 0 ? "/var/lib/endstation" : join(homedir(), ".local/state/endstation");

/** Where the tests find built software, and build what is missing. */
export const softwareFolder = process.env.ENDSTATION_SOFTWARE ?? join(STATE, "software");

export function temporaryFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `endstation-${name}-`));
}
