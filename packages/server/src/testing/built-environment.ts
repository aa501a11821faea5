import { existsSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The newest built environment that begins with this name; null when none was built on this machine. */
export function builtEnvironment(name: string): string | null {
  const root = process.getuid?.() === 0;
  const state = root ? "/var/lib/endstation" : join(homedir(), ".local/state/endstation");
  for (const software of [
    process.env["ENDSTATION_SOFTWARE"],
    join(state, "software"),
    "/var/lib/endstation/software",
  ]) {
    const folder = join(software ?? "/nonexistent", "environments");
    if (!existsSync(folder)) continue;
    const found = readdirSync(folder)
      .filter((one) => one.startsWith(`${name}-`) && existsSync(join(folder, one, "share/jupyter")))
      .sort((a, b) => statSync(join(folder, a)).mtimeMs - statSync(join(folder, b)).mtimeMs);
    const newest = found.at(-1);
    if (newest !== undefined) return join(folder, newest);
  }
  return null;
}
