import { randomUUID } from "node:crypto";
import type { Session, SessionRequest } from "@endstation/api";
import type { Command } from "commander";
import { type Context, type GlobalOptions, portalOf, show } from "../context.ts";
import { Failure, wrongUse } from "../failure.ts";
import type { Portal } from "../portal.ts";
import { endedWith, follow, isOver } from "../wait.ts";
import { type AddCommands, addCommand, collect } from "./command.ts";
import { given } from "./data.ts";
import { sessionText } from "./session-text.ts";

interface StartOptions extends GlobalOptions {
  readonly dataset: string[];
  readonly flavour?: string;
  readonly provider?: string;
  readonly name?: string;
  readonly proposal?: string;
  readonly notebook?: string;
  readonly parameter: string[];
  readonly wait?: boolean;
}

export const addStart: AddCommands = (program, context) => {
  addCommand(
    program,
    "start <environment>",
    "start a session",
    startOptions,
    (options: StartOptions, environment) => start(context, options, environment ?? ""),
  );
};

function startOptions(command: Command): Command {
  return command
    .option("--dataset <id>", "mount a dataset (may be given several times)", collect, [])
    .option("--flavour <name>", "which size")
    .option("--provider <name>", "where")
    .option("--name <text>", "what to call it")
    .option("--proposal <id>", "whose results folder it gets, where the datasets do not say")
    .option("--notebook <file>", "which of the environment's notebooks to begin with")
    .option("--parameter <name=value>", "fill in a parameter of the notebook (several times)", collect, [])
    .option("--wait", "wait until it answers, telling each stage");
}

async function start(context: Context, options: StartOptions, environment: string): Promise<void> {
  const portal = portalOf(context, options);
  const { dataset, flavour, provider, name, proposal, notebook } = options;
  const body: SessionRequest = {
    environment,
    datasets: dataset,
    parameters: parametersOf(options.parameter),
    ...given({ flavour, provider, name, proposal, notebook }),
  };
  const started = await startOnce(context, portal, body);
  if (options.wait !== true) return show(context, options, started, sessionText);
  context.terminal.err(`${started.id} is starting`);
  const session = await follow(context, portal, started, (one) => one.phase === "running" || isOver(one));
  const failure = endedWith(session);
  if (failure !== null) throw failure;
  show(context, options, session, sessionText);
}

const attempts = 3;

/** One key for all attempts: an answer that was lost on the way starts no second session. */
export async function startOnce(context: Context, portal: Portal, body: SessionRequest): Promise<Session> {
  const idempotencyKey = randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await portal.call("startSession", { body }, { idempotencyKey });
    } catch (error) {
      const isPassing = error instanceof Failure && error.code === "portal-unreachable";
      if (!isPassing || attempt === attempts || context.interrupted.aborted) throw error;
      await context.pause(attempt * 500);
    }
  }
}

/** Numbers, true, false and null are taken as such; everything else is text. */
export function parametersOf(pairs: readonly string[]): NonNullable<SessionRequest["parameters"]> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw wrongUse(`"${pair}" is not name=value`, "Write --parameter temperature=8.");
      return [pair.slice(0, at), typedValue(pair.slice(at + 1))];
    }),
  );
}

function typedValue(text: string): string | number | boolean | null {
  if (text === "true" || text === "false") return text === "true";
  if (text === "null") return null;
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
