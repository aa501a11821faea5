import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const watcher = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), "..", "watch-parent.mjs")).href;

/**
 * Runs a script in our place: its input and output are ours, it gets our signals, we end as it ends. When we are killed
 * it is told to stop, through a pipe whose other end goes with us.
 */
export function execute({ node, script, words, environment = process.env }) {
  const flags = ["--disable-warning=ExperimentalWarning", "--import", watcher];
  const child = spawn(node, [...flags, script, ...words], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: {
      ...environment,
      PATH: `${dirname(node)}${delimiter}${environment.PATH ?? "/usr/bin:/bin"}`,
      ENDSTATION_PARENT: "3",
    },
  });
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) process.on(signal, () => passOn(child, signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + (constants.signals[signal ?? "SIGKILL"] ?? 0)));
  });
}

/** Ctrl-C at a terminal reaches the script by itself. */
function passOn(child, signal) {
  if (signal === "SIGINT" && process.stdin.isTTY) return;
  child.kill(signal);
}
