// Loaded before the script that run.mjs starts: stops it when run.mjs is gone without having been able to say so.
import { Socket } from "node:net";

const descriptor = Number(process.env.ENDSTATION_PARENT);
// Processes that the script starts have another descriptor there, or none.
delete process.env.ENDSTATION_PARENT;

if (descriptor > 2) {
  const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
  pipe.on("error", () => {});
  pipe.once("close", () => process.kill(process.pid, "SIGTERM"));
  pipe.resume();
  pipe.unref();
}
