import fs from "node:fs";
import { sep } from "node:path";

/**
 * The second wall: HDF5 opens what a file names (external links, external storage, virtual sources) through `openSync`,
 * which from here on knows only regular files and folders whose real place is below `roots`. The first wall is the sandbox.
 */
export function guard(roots: readonly string[]): void {
  const within = roots.map((root) => fs.realpathSync.native(root));
  const open = fs.openSync;
  const isAllowed = (path: string) => within.some((root) => path === root || path.startsWith(root + sep));
  fs.openSync = (path, flags, mode) => {
    const place = fs.realpathSync.native(String(path));
    const found = fs.statSync(place);
    if (!isAllowed(place) || !(found.isFile() || found.isDirectory())) throw absent(String(path));
    return open(place, flags, mode);
  };
}

function absent(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`ENOENT: no such file, open '${path}'`), {
    code: "ENOENT",
    errno: -2,
    syscall: "open",
  });
}
