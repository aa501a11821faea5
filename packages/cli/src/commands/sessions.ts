import type { Command } from "commander";
import { type Context, type GlobalOptions, portalOf, show } from "../context.ts";
import { wrongUse } from "../failure.ts";
import { openInBrowser } from "../open-browser.ts";
import { endedWith, follow, isOver } from "../wait.ts";
import { moment } from "../words.ts";
import { type AddCommands, addCommand, asItIs } from "./command.ts";
import { given, showPage } from "./data.ts";
import { sessionColumns, sessionText } from "./session-text.ts";

interface ListOptions extends GlobalOptions {
  readonly proposal?: string;
  readonly live?: boolean;
  readonly ended?: boolean;
  readonly all?: boolean;
  readonly array?: string;
  readonly limit?: string;
}

type StopOptions = GlobalOptions & { readonly wait?: boolean; readonly array?: boolean };
type OpenOptions = GlobalOptions & { readonly print?: boolean };

export const addSessions: AddCommands = (program, context) => {
  addCommand(program, "list", "your sessions, the newest first", listOptions, (options: ListOptions) =>
    listSessions(context, options),
  );
  addCommand(program, "show <id>", "one session", asItIs, async (options, id) => {
    show(
      context,
      options,
      await portalOf(context, options).call("getSession", { id: idOf(id) }),
      sessionText,
    );
  });
  addCommand(
    program,
    "open <id>",
    "open a session in your browser",
    (command) => command.option("--print", "print the address only"),
    (options: OpenOptions, id) => openSession(context, options, idOf(id)),
  );
  addCommand(
    program,
    "stop <id>",
    "stop a session; files are kept",
    (command) =>
      command
        .option("--wait", "wait until it has ended")
        .option("--array", "also all that were submitted with it by --each"),
    (options: StopOptions, id) => stopSession(context, options, idOf(id)),
  );
  addCommand(
    program,
    "rename <id> <name>",
    "give a session another name",
    asItIs,
    async (options, id, name = "") => {
      const call = { id: idOf(id), body: { name } };
      show(context, options, await portalOf(context, options).call("renameSession", call), sessionText);
    },
  );
  addCommand(
    program,
    "extend <id> <hours>",
    "let a session run longer",
    asItIs,
    async (options, id, hours) => {
      const call = { id: idOf(id), body: { hours: hoursOf(hours) } };
      const session = await portalOf(context, options).call("extendSession", call);
      show(context, options, session, ({ expiresAt }) => `${session.id} runs until ${moment(expiresAt)}.`);
    },
  );
};

function listOptions(command: Command): Command {
  return command
    .option("--proposal <id>", "of one proposal")
    .option("--live", "only those that have not ended")
    .option("--ended", "only those that have ended")
    .option("--array <id>", "those submitted together by --each; the first one's id")
    .option("--all", "everybody's; for administrators and support")
    .option("--limit <count>", "at most so many (1 to 200)");
}

async function listSessions(context: Context, options: ListOptions): Promise<void> {
  const { proposal, live, ended, all, array, limit } = options;
  if (live === true && ended === true)
    throw wrongUse("--live and --ended exclude each other", "Leave both out.");
  const phase = live === true ? ("live" as const) : ended === true ? ("ended" as const) : undefined;
  const query = given({ proposal, limit, phase, array, all: all === true ? "true" : undefined });
  showPage(context, options, sessionColumns, await portalOf(context, options).call("listSessions", query));
}

/** A page of the portal does it, where the person is logged in: nothing secret is in the address. */
async function openSession(context: Context, options: OpenOptions, id: string): Promise<void> {
  const portal = portalOf(context, options);
  const session = await portal.call("getSession", { id });
  const failure = endedWith(session);
  if (failure !== null) throw failure;
  const url = `${portal.url}/sessions/${id}/open`;
  show(context, options, { url }, () => url);
  if (options.print !== true && options.json !== true) openInBrowser(url, context.environment);
}

async function stopSession(context: Context, options: StopOptions, id: string): Promise<void> {
  const portal = portalOf(context, options);
  const array = given({ array: options.array === true ? "true" : undefined });
  const stopping = await portal.call("stopSession", { id, ...array });
  const session = options.wait === true ? await follow(context, portal, stopping, isOver) : stopping;
  show(context, options, session, ({ phase }) =>
    isOver(session) ? `${id} has ${phase}.` : `${id} is ${phase}.`,
  );
}

const idPattern = /^s-[a-z0-9]{20}$/;

/** Ids are looked at here, so that a slip of the hand is told from a session that is not there. */
export function idOf(text: string | undefined): string {
  if (text !== undefined && idPattern.test(text)) return text;
  throw wrongUse(
    `"${text ?? ""}" is not the id of a session`,
    "Ids look like s-1a2b3c4d5e6f7g8h9i0j: see `endstation list`.",
  );
}

function hoursOf(text: string | undefined): number {
  const hours = Number(text);
  if (text !== undefined && text.trim() !== "" && Number.isFinite(hours) && hours > 0) return hours;
  throw wrongUse(`"${text ?? ""}" is not a number of hours`, "Write for example: endstation extend ID 8.");
}
