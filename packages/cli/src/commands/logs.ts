import { type Context, type GlobalOptions, portalOf, show } from "../context.ts";
import { wrongUse } from "../failure.ts";
import { plainLines } from "../terminal.ts";
import { isOver } from "../wait.ts";
import { type AddCommands, addCommand } from "./command.ts";
import { idOf } from "./sessions.ts";

type LogsOptions = GlobalOptions & { readonly follow?: boolean };

export const addLogs: AddCommands = (program, context) => {
  addCommand(
    program,
    "logs <id>",
    "the last lines a session wrote",
    (command) => command.option("--follow", "go on with what it writes, until it has ended"),
    (options: LogsOptions, id) => logs(context, options, idOf(id)),
  );
};

const askEveryMs = 1000;

async function logs(context: Context, options: LogsOptions, id: string): Promise<void> {
  const portal = portalOf(context, options);
  if (options.follow !== true) {
    const log = await portal.call("getSessionLog", { id });
    return show(context, options, log, ({ text }) => plainLines(text).trimEnd());
  }
  if (options.json === true) throw wrongUse("--follow has no JSON", "Leave one of them out.");
  let told = "";
  for (;;) {
    const session = await portal.call("getSession", { id });
    const { text } = await portal.call("getSessionLog", { id });
    const whole = isOver(session) ? text : text.slice(0, text.lastIndexOf("\n") + 1);
    const fresh = plainLines(newIn(whole, told)).trimEnd();
    if (fresh !== "") context.terminal.out(fresh);
    told = whole;
    if (isOver(session) || context.interrupted.aborted) return;
    await context.pause(askEveryMs);
  }
}

const remembered = 2000;

/** What has come to a log since: it is cut at its beginning when it gets long. */
export function newIn(text: string, before: string): string {
  if (text.startsWith(before)) return text.slice(before.length);
  const end = before.slice(-remembered);
  const at = text.lastIndexOf(end);
  return at === -1 ? text : text.slice(at + end.length);
}
