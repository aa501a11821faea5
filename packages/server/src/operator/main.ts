import { parseArgs } from "node:util";
import { EndstationError, errorCatalogue } from "@endstation/core";
import { sayFailure } from "../log.ts";
import type { Operator, OperatorCommand, OperatorOptions } from "./answer.ts";
import { backup } from "./backup.ts";
import { checkConfig } from "./check-config.ts";
import { createToken } from "./create-token.ts";
import { doctor } from "./doctor.ts";
import { restore } from "./restore.ts";
import { WrongUse } from "./wrong-use.ts";

/** Commands for whoever runs the portal, on its own machine; `endstation` hands them on to here. */
const commands: Readonly<Record<string, OperatorCommand>> = {
  "token create": createToken,
  "config check": checkConfig,
  doctor,
  backup,
  restore,
};

process.exitCode = await main();

async function main(): Promise<number> {
  const asJson = process.argv.includes("--json");
  try {
    const { command, operator } = read(process.argv.slice(2));
    return await command(operator);
  } catch (error) {
    return fail(error, asJson);
  }
}

function read(argv: readonly string[]): { command: OperatorCommand; operator: Operator } {
  const { values, positionals } = parse(argv);
  const name = Object.keys(commands).find(
    (one) => positionals.slice(0, one.split(" ").length).join(" ") === one,
  );
  const command = name === undefined ? undefined : commands[name];
  if (name === undefined || command === undefined)
    throw new WrongUse(`there is no such command; there are ${Object.keys(commands).join(", ")}`);
  const options: OperatorOptions = { ...values, scope: values.scope ?? [], json: values.json === true };
  const words = positionals.slice(name.split(" ").length);
  return { command, operator: { words, options, env: process.env, out: console.log } };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        state: text,
        config: text,
        days: text,
        scope: { type: "string", multiple: true },
        json: { type: "boolean" },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new WrongUse((error as Error).message);
  }
}

function fail(error: unknown, asJson: boolean): number {
  if (error instanceof WrongUse) console.error(`✖ wrong-use: ${error.message}`);
  else if (asJson && error instanceof EndstationError) {
    const { code, detail, next } = error;
    console.error(JSON.stringify({ code, title: errorCatalogue[code][0], detail, next }));
  } else sayFailure(error);
  return error instanceof WrongUse ? 2 : 1;
}
