import { createHdf5Service } from "../packages/server/src/hdf5/service.ts";
import { startHdf5Server } from "../packages/server/src/testing/hdf5-server.ts";

/** Our HDF5 calls over one folder in a process of their own: `data-server.ts SOFTWARE FOLDER`. Ends with its stdin. */
const [programFolder = "", folder = ""] = process.argv.slice(2);
const account = process.getuid?.() === 0 ? { uid: 59_907, gid: 59_907 } : null;
const server = await startHdf5Server(createHdf5Service({ programFolder, account }), folder);
console.log(server.url);
process.stdin.on("end", () => process.exit(0)).resume();
