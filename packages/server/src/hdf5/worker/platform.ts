import { constants } from "node:fs";

/**
 * The HDF5 library asks Node's internals for the numbers of the flags of `open`, which the permission model refuses:
 * it gets the public ones, and nothing else. Must be imported before the library.
 */
Object.defineProperty(process, "binding", {
  value: (name: string) => {
    if (name === "constants") return { fs: constants };
    throw new Error(`"${name}" is not for readers`);
  },
});
