import { ProblemError } from "@endstation/api";
import { json, plain, type Terminal } from "./terminal.ts";

/** 1: refused or failed; 2: the command itself was wrong; 130: broken off before anything was done. */
export type ExitCode = 1 | 2 | 130;

/** A "no" with its cause and what to do next. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: string;
  readonly next: string;
  readonly exitCode: ExitCode;
  constructor(code: string, detail: string, next: string, exitCode: ExitCode = 1) {
    super(detail);
    this.code = code;
    this.next = next;
    this.exitCode = exitCode;
  }
}

/** @returns a failure whose exit code is 2 */
export function wrongUse(detail: string, next: string): Failure {
  return new Failure("wrong-use", detail, next, 2);
}

/** Writes what went wrong to stderr and answers the exit code. */
export function report(error: unknown, terminal: Terminal, asJson: boolean): number {
  const { code, title, detail, next, errors = [] } = wordsFor(error);
  if (asJson) terminal.err(json({ code, title, detail, next, ...(errors.length > 0 ? { errors } : {}) }));
  else {
    terminal.err(plain(`✖ ${code}: ${title}`));
    if (detail !== title) terminal.err(plain(`  ${detail}`));
    for (const { path, message } of errors) terminal.err(plain(`  ${path}: ${message}`));
    terminal.err(plain(`  ${next}`));
  }
  return error instanceof Failure ? error.exitCode : 1;
}

interface Words {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly next: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[] | undefined;
}

function wordsFor(error: unknown): Words {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof Failure)
    return { code: error.code, title: error.message, detail: error.message, next: error.next };
  const detail = error instanceof Error ? error.message : String(error);
  return { code: "internal", title: "Something went wrong in this command", detail, next: "Try again." };
}
