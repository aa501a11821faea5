import "./platform.ts";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import h5wasm from "h5wasm/node";
import type { ReaderLine, ReadingJob } from "../reading.ts";
import { hasFaults, listenToLibrary } from "./faults.ts";
import { guard } from "./guard.ts";
import { readFile } from "./read-file.ts";

/**
 * A reader process: takes a job on stdin, writes a line of JSON per file, ends. It stops after the first file that the
 * library gave up on, for it may be in any state then: the rest is for a fresh process.
 */
const module = await h5wasm.ready;
const job = JSON.parse(await text(process.stdin)) as ReadingJob;
module.insert_plugin_search_path(job.plugins, 0);
listenToLibrary();
guard([job.root, job.plugins]);
module.activate_throwing_error_handler();
await say({ ready: true });
for (const path of job.files) {
  await say({ begin: path });
  const reading = readFile(join(job.root, path));
  await say({ path, reading });
  if (hasFaults()) break;
}
process.exit(0);

function say(line: ReaderLine): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()));
}
