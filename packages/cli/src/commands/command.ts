import type { Command } from "commander";
import type { Context, GlobalOptions } from "../context.ts";

/** Adds one command with the options that all have. `run` gets its words and its options. */
export function addCommand<Options extends GlobalOptions>(
  parent: Command,
  usage: string,
  summary: string,
  setUp: (command: Command) => Command,
  run: (options: Options, ...words: string[]) => Promise<void>,
): void {
  const command = setUp(parent.command(usage).description(summary))
    .option("--portal <url>", "the portal to ask (else ENDSTATION_URL, else where you logged in last)")
    .option("--json", "answer in JSON, for programs");
  command.action((...given: unknown[]) => {
    const words = given
      .slice(0, -2)
      .flat()
      .filter((word) => typeof word === "string");
    return run(given.at(-2) as Options, ...words);
  });
}

/** A family of commands. */
export type AddCommands = (program: Command, context: Context) => void;

export const asItIs = (command: Command): Command => command;

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
