import type { Command } from "commander";
import type { Context } from "../context.ts";
import { runOperator } from "../operator.ts";
import type { AddCommands } from "./command.ts";

/** Commands for whoever runs the portal, on its own machine. */
export const addOperators: AddCommands = (program, context) => {
  add(program, context, "doctor", "on the portal's machine: look at everything it needs", []);
  add(program, context, "backup <file>", "on the portal's machine: write the database to a file", []);
  add(program, context, "restore <file>", "on the portal's machine: read it back", []);
  const config = program.command("config").description("the portal's configuration");
  add(config, context, "check [file]", "on the portal's machine: look for mistakes in it", ["config"]);
};

function add(
  parent: Command,
  context: Context,
  usage: string,
  summary: string,
  before: readonly string[],
): void {
  const name = usage.split(" ")[0] ?? usage;
  parent
    .command(usage)
    .description(summary)
    .option("--state <folder>", "the portal's state folder")
    .option("--config <file>", "the portal's configuration")
    .option("--json", "answer in JSON, for programs")
    .action((...given: unknown[]) => {
      const words = given.slice(0, -2).filter((word) => typeof word === "string");
      return runOperator([...before, name, ...words], given.at(-2) as Record<string, unknown>, context);
    });
}
