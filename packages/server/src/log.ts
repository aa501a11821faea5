import { EndstationError, errorCatalogue } from "@endstation/core";
import pino, { type Logger } from "pino";

/** Lines of JSON on stderr for whatever collects them; on a terminal, lines for people. */
export function createLog(level: string): Logger {
  const redact = ["req.headers.authorization", "req.headers.cookie", "*.token", "*.ticket", "*.secret"];
  const options = { level, base: null, redact };
  return process.stderr.isTTY
    ? pino(options, { write: (line: string) => void process.stderr.write(forPeople(line)) })
    : pino(options, pino.destination({ dest: 2, sync: true }));
}

const levels: Readonly<Record<number, string>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warning",
  50: "error",
  60: "fatal",
};

/** A line of the log as a person reads it: when, how grave, what, and the facts. */
export function forPeople(line: string): string {
  const { level, time, msg, err, ...facts } = JSON.parse(line) as Record<string, unknown>;
  const at = new Date(Number(time)).toISOString().slice(11, 19);
  const rest = Object.entries(facts).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const cause = err === undefined ? [] : [`(${String((err as { message?: unknown }).message)})`];
  return `${[at, (levels[Number(level)] ?? "").padEnd(7), String(msg ?? ""), ...rest, ...cause].join(" ")}\n`;
}

/** Why it did not start, for the person at the terminal: no stack for what was foreseen. */
export function sayFailure(error: unknown): void {
  if (!(error instanceof EndstationError)) {
    console.error("✖ internal: Endstation could not start because of a mistake in it", error);
    return;
  }
  console.error(
    `✖ ${error.code}: ${errorCatalogue[error.code][0]}\n  ${error.detail.replaceAll("\n", "\n  ")}\n  ${error.next}`,
  );
}
