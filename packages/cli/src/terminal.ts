/** Where the command writes, and what it may use there. */
export interface Terminal {
  /** What was asked for. */
  out(text: string): void;
  /** Everything beside it: progress, hints, errors. */
  err(text: string): void;
  readonly columns: number;
  readonly color: boolean;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const usualColumns = 80;

export function terminalOf(stdout: Stream, stderr: Stream, environment: NodeJS.ProcessEnv): Terminal {
  const named = Number(environment["COLUMNS"]);
  const noColor = environment["NO_COLOR"] ?? "";
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    columns: named >= 20 ? named : (stdout.columns ?? usualColumns),
    color: stdout.isTTY === true && noColor === "" && environment["TERM"] !== "dumb",
  };
}

export function bold(terminal: Terminal, text: string): string {
  return terminal.color ? `\u001b[1m${text}\u001b[22m` : text;
}

/** A terminal's own sequences: colours, titles, links. */
const escapes = new RegExp(
  [
    String.raw`\u001b\[[0-?]*[ -/]*[@-~]`,
    String.raw`\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?`,
    String.raw`\u001b[@-Z\\-_]`,
  ].join("|"),
  "g",
);

/** Text of others as it may go to a terminal: without anything that would move its cursor or give it commands. */
export function plain(text: string): string {
  return text.replaceAll(escapes, "").replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "");
}

/** The same for text of several lines. */
export function plainLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => plain(line.replaceAll("\t", "    ")))
    .join("\n");
}

/** JSON for programs; what a terminal could take for a command is written as an escape. */
export function json(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return text.replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
