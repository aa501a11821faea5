import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Context } from "./context.ts";
import { Failure } from "./failure.ts";

const program = fileURLToPath(new URL("../../server/src/operator/main.ts", import.meta.url));

/** Thrown to end with the exit code of the program that did the work and said what there was to say. */
export class Ended extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super(`ended with ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** Runs an operator's command where the portal's own software is: on its machine. */
export async function runOperator(
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: Pick<Context, "environment">,
): Promise<void> {
  if (!existsSync(program))
    throw new Failure(
      "operator-only",
      `\`endstation ${words.join(" ")}\` works on the portal's own machine only`,
      "Run it from the portal's folder there.",
    );
  const flags = ["--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, program, ...words, ...optionWords(options)], {
    stdio: "inherit",
    env: context.environment,
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
  if (exitCode !== 0) throw new Ended(exitCode);
}

function optionWords(options: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    if (Array.isArray(value)) return value.flatMap((one) => [`--${name}`, String(one)]);
    return typeof value === "string" ? [`--${name}`, value] : [];
  });
}
