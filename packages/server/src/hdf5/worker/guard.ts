import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { sep } from "node:path";

/**
 * The second wall: HDF5 opens what a file names (external links, external storage, virtual sources) through `openSync`,
 * which from here on knows only regular files and folders whose real place is below `roots`. The first wall is the
 * sandbox. Whatever is refused looks as if it were not there: the library takes an error that it does not know for success.
 */
export function guard(roots: readonly string[]): void {
  const within = roots.map((root) => fs.realpathSync.native(root));
  const isAllowed = (path: string) => within.some((root) => path === root || path.startsWith(root + sep));
  const open = fs.openSync;
  fs.openSync = (path, flags, mode) =>
    orAbsent(() => {
      const place = fs.realpathSync.native(String(path));
      const found = fs.statSync(place);
      if (!isAllowed(place) || !(found.isFile() || found.isDirectory())) throw absent();
      return open(place, flags, mode);
    });
  for (const name of [
    "statSync",
    "lstatSync",
    "accessSync",
    "readlinkSync",
    "readdirSync",
    "opendirSync",
  ] as const) {
    const original = fs[name] as (...args: unknown[]) => unknown;
    Object.assign(fs, { [name]: (...args: unknown[]) => orAbsent(() => original(...args)) });
  }
  syncBuiltinESMExports();
}

function orAbsent<Result>(look: () => Result): Result {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code !== undefined && /^E[A-Z0-9]+$/.test(code) ? error : absent();
  }
}

function absent(): NodeJS.ErrnoException {
  const error = new Error("ENOENT: there is no such file here");
  return Object.assign(error, { code: "ENOENT", errno: -2, syscall: "open" });
}
