import { Command, CommanderError } from "commander";
import { addAsking } from "./commands/asking.ts";
import { addData } from "./commands/data.ts";
import { addLinks } from "./commands/links.ts";
import { addLogin } from "./commands/login.ts";
import { addLogs } from "./commands/logs.ts";
import { addOperators } from "./commands/operators.ts";
import { addProviders } from "./commands/providers.ts";
import { addSessions } from "./commands/sessions.ts";
import { addShares } from "./commands/shares.ts";
import { addStart } from "./commands/start.ts";
import { addSubmit } from "./commands/submit.ts";
import { addTokens } from "./commands/tokens.ts";
import type { Context } from "./context.ts";
import { report } from "./failure.ts";
import { Ended } from "./operator.ts";

/** Runs one command line; answers its exit code: 0 done, 1 refused or failed, 2 wrong use. */
export async function run(words: readonly string[], context: Context, version: string): Promise<number> {
  const program = programFor(context, version);
  try {
    await program.parseAsync([...words], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof Ended) return error.exitCode;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(error, context.terminal, words.includes("--json"));
  }
}

/** Every command has options; leaving that out leaves room for what it does. */
function briefUsage(command: Command): string {
  return `${command.name()} ${command.usage().replace(/\[options\] ?/, "")}`.trim();
}

function programFor(context: Context, version: string): Command {
  const program = new Command("endstation");
  program
    .description("Data analysis as a service: your experiments, their data, and sessions to work on them.")
    .version(version)
    .configureHelp({ helpWidth: context.terminal.columns, subcommandTerm: briefUsage })
    .configureOutput({
      writeOut: (text) => context.terminal.out(text.trimEnd()),
      writeErr: (text) => context.terminal.err(text.trimEnd()),
      outputError: (text, write) => write(`✖ wrong-use: ${text.replace(/^error: /, "")}`),
    })
    .showHelpAfterError("  See `endstation help`, or --help after a command.")
    .exitOverride();
  for (const add of [
    addLogin,
    addData,
    addStart,
    addSubmit,
    addSessions,
    addLogs,
    addShares,
    addLinks,
    addAsking,
    addTokens,
    addProviders,
    addOperators,
  ])
    add(program, context);
  return program;
}
