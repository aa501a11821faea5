import type { CallAnswer } from "@endstation/api";
import type { Command } from "commander";
import { type GlobalOptions, portalOf, show } from "../context.ts";
import { wrongUse } from "../failure.ts";
import type { Column } from "../table.ts";
import { moment } from "../words.ts";
import { type AddCommands, addCommand, asItIs } from "./command.ts";
import { showPage } from "./data.ts";
import { idOf } from "./sessions.ts";

type Link = CallAnswer<"listLinks">["items"][number];

const columns: readonly Column<Link>[] = [
  { title: "Link", of: ({ id }) => id },
  { title: "As", of: (link) => link.as },
  { title: "Until", of: ({ until }) => moment(until) },
  {
    title: "Came",
    of: ({ uses, mostUses }) => `${uses.length}${mostUses === null ? "" : ` of ${mostUses}`}`,
  },
  { title: "Who", of: ({ uses }) => uses.map(({ account }) => account).join(" "), cut: true },
];

interface LinkOptions extends GlobalOptions {
  readonly as: string;
  readonly hours?: string;
  readonly most?: string;
}

/** Links that let in whoever may log in and holds them. */
export const addLinks: AddCommands = (program, context) => {
  addCommand(
    program,
    "link <id>",
    "make a link that lets others in; it is shown once",
    linkOptions,
    async (options: LinkOptions, id) => {
      const made = await portalOf(context, options).call("makeLink", { id: idOf(id), body: bodyOf(options) });
      show(context, options, made, ({ url }) => url);
      context.terminal.err(`Link ${made.id} lets in as ${made.as} until ${moment(made.until)}.`);
    },
  );
  addCommand(program, "links <id>", "its links, and who came by them", asItIs, async (options, id) => {
    const found = await portalOf(context, options).call("listLinks", { id: idOf(id) });
    showPage(context, options, columns, found);
  });
  addCommand(
    program,
    "unlink <id> <link>",
    "revoke a link",
    (command) => command.option("--shares", "also let out those who came by it"),
    async (options: GlobalOptions & { shares?: boolean }, id, link = "") => {
      const shares = String(options.shares === true);
      await portalOf(context, options).call("revokeLink", { id: idOf(id), link, shares });
      show(context, options, { link }, () => `Nobody comes by link ${link} any more.`);
    },
  );
};

function linkOptions(command: Command): Command {
  return command
    .requiredOption("--as <role>", "viewer or member")
    .option("--hours <hours>", "how long it is good (24)")
    .option("--most <count>", "how many people may come by it");
}

function bodyOf({ as, hours, most }: LinkOptions) {
  if (as !== "viewer" && as !== "member")
    throw wrongUse(`no link lets in as "${as}"`, "Use one of viewer, member.");
  return {
    as,
    ...(hours === undefined ? {} : { hours: numberOf(hours, "--hours") }),
    ...(most === undefined ? {} : { mostUses: numberOf(most, "--most") }),
  } as const;
}

function numberOf(text: string, option: string): number {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw wrongUse(`"${text}" is no number`, `Give ${option} a number.`);
}
