import { readFileSync } from "node:fs";
import type { Session, SessionRequest } from "@endstation/api";
import type { Command } from "commander";
import { type Context, type GlobalOptions, portalOf, show } from "../context.ts";
import { type Failure, wrongUse } from "../failure.ts";
import type { Portal } from "../portal.ts";
import { table } from "../table.ts";
import { endedWith, follow, isOver } from "../wait.ts";
import { type AddCommands, addCommand, collect } from "./command.ts";
import { given } from "./data.ts";
import { sessionColumns, sessionText } from "./session-text.ts";
import { parametersOf, startOnce } from "./start.ts";

interface SubmitOptions extends GlobalOptions {
  readonly script?: string;
  readonly notebook?: string;
  readonly dataset: string[];
  readonly each?: boolean;
  readonly flavour?: string;
  readonly provider?: string;
  readonly name?: string;
  readonly proposal?: string;
  readonly parameter: string[];
  readonly retries?: string;
  readonly wait?: boolean;
}

export const addSubmit: AddCommands = (program, context) => {
  addCommand(
    program,
    "submit <environment> [arguments...]",
    "run a program or a notebook as a batch session",
    submitOptions,
    (options: SubmitOptions, environment = "", ...words) => submit(context, options, environment, words),
  );
};

function submitOptions(command: Command): Command {
  return command
    .option("--script <file>", "the program: Python, or what its #! line names")
    .option("--notebook <file>", "one of the environment's notebooks")
    .option("--dataset <id>", "mount a dataset (may be given several times)", collect, [])
    .option("--each", "a session for each of the datasets")
    .option("--flavour <name>", "which size")
    .option("--provider <name>", "where")
    .option("--name <text>", "what to call it")
    .option("--proposal <id>", "whose results folder it gets, where the datasets do not say")
    .option("--parameter <name=value>", "fill in a parameter (several times)", collect, [])
    .option("--retries <count>", "begin it anew so often when it fails (0 to 5)")
    .option("--wait", "wait until it has ended; the exit code tells whether all went well");
}

async function submit(
  context: Context,
  options: SubmitOptions,
  environment: string,
  words: readonly string[],
): Promise<void> {
  const { dataset, flavour, provider, name, proposal } = options;
  const job = jobOf(options, words);
  const portal = portalOf(context, options);
  const body: SessionRequest = {
    environment,
    datasets: dataset,
    parameters: parametersOf(options.parameter),
    job,
    ...given({ flavour, provider, name, proposal }),
  };
  const first = await startOnce(context, portal, body);
  const submitted = await arrayOf(portal, first);
  const sessions = options.wait === true ? await waitFor(context, portal, submitted) : submitted;
  tell(context, options, sessions);
  const failure = options.wait === true ? firstFailure(sessions) : null;
  if (failure !== null) throw failure;
}

function jobOf(options: SubmitOptions, words: readonly string[]): NonNullable<SessionRequest["job"]> {
  const { script, notebook, each, retries, dataset } = options;
  if ((script === undefined) === (notebook === undefined))
    throw wrongUse("say what is to run", "Give either --script FILE or --notebook NAME.");
  if (each === true && dataset.length === 0)
    throw wrongUse("--each needs datasets", "Give --dataset ID, several times.");
  return {
    ...given({ notebook, script: script === undefined ? undefined : textOf(script) }),
    ...given({ over: each === true ? ("datasets" as const) : undefined }),
    arguments: [...words],
    retries: countOf(retries),
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw wrongUse(`${file} cannot be read (${code})`, "Give the path of a program's file.");
  }
}

function countOf(text = "0"): number {
  if (/^[0-5]$/.test(text)) return Number(text);
  throw wrongUse(`"${text}" is not a number of retries`, "Give a number from 0 to 5.");
}

/** All that were made together, in the order of the datasets. */
async function arrayOf(portal: Portal, first: Session): Promise<readonly Session[]> {
  if (first.array === null) return [first];
  const { items } = await portal.call("listSessions", { array: first.array.id, limit: 200 });
  return items.toSorted((a, b) => (a.array?.index ?? 0) - (b.array?.index ?? 0));
}

async function waitFor(context: Context, portal: Portal, sessions: readonly Session[]): Promise<Session[]> {
  const ended: Session[] = [];
  for (const session of sessions) {
    context.terminal.err(`${session.id} is submitted`);
    ended.push(await follow(context, portal, session, isOver));
  }
  return ended;
}

function tell(context: Context, options: SubmitOptions, sessions: readonly Session[]): void {
  const [first, ...others] = sessions as [Session, ...Session[]];
  const text = () => table(context.terminal, sessionColumns, sessions);
  if (others.length === 0) show(context, options, first, sessionText);
  else show(context, options, { items: sessions, next: null }, text);
}

function firstFailure(sessions: readonly Session[]): Failure | null {
  const failed = sessions.find(({ reason }) => reason !== "completed");
  return failed === undefined ? null : endedWith(failed);
}
