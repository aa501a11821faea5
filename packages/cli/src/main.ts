import { readFileSync } from "node:fs";
import type { Context } from "./context.ts";
import { Credentials } from "./credentials.ts";
import { run } from "./program.ts";
import { terminalOf } from "./terminal.ts";

const interrupted = new AbortController();

/** Ctrl-C ends a wait in an orderly way; a second one, or one where nothing waits, ends the command. */
let waiting = false;
process.on("SIGINT", () => {
  if (!waiting || interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
});

/** A reader that has gone (`| head`) is no error. */
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });

function pause(ms: number): Promise<void> {
  waiting = true;
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    interrupted.signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
const context: Context = {
  terminal: terminalOf(process.stdout, process.stderr, process.env),
  environment: process.env,
  credentials: new Credentials(process.env),
  interrupted: interrupted.signal,
  pause,
};
process.exitCode = await run(process.argv.slice(2), context, manifest.version);
