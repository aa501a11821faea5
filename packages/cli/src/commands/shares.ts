import type { CallAnswer } from "@endstation/api";
import type { Command } from "commander";
import { type GlobalOptions, portalOf, show } from "../context.ts";
import { wrongUse } from "../failure.ts";
import type { Column } from "../table.ts";
import { moment } from "../words.ts";
import { type AddCommands, addCommand, asItIs } from "./command.ts";
import { showPage } from "./data.ts";
import { idOf } from "./sessions.ts";

type Share = CallAnswer<"listShares">["items"][number];

const columns: readonly Column<Share>[] = [
  { title: "Account", of: ({ account }) => account },
  { title: "As", of: (share) => share.as },
  { title: "Until", of: ({ until }) => moment(until) },
  { title: "Link", of: ({ link }) => link ?? "" },
  { title: "Name", of: ({ name }) => name, cut: true },
];

interface ShareOptions extends GlobalOptions {
  readonly as: string;
  readonly until?: string;
}

/** The keyboard goes from the owner to who is let in already, and back. */
const handings = [
  {
    name: "hand-over",
    as: "member",
    summary: "hand the keyboard over to a viewer",
    said: "has the keyboard, and acts as you inside.",
  },
  { name: "take-back", as: "viewer", summary: "take the keyboard back", said: "may only look now." },
] as const;

const roles = ["viewer", "member", "support"] as const;

export const addShares: AddCommands = (program, context) => {
  addCommand(
    program,
    "share <id> <account>",
    "let somebody else in",
    shareOptions,
    async (options: ShareOptions, id, account = "") => {
      const as = roles.find((role) => role === options.as);
      if (as === undefined)
        throw wrongUse(`nobody is let in as "${options.as}"`, `Use one of ${roles.join(", ")}.`);
      const body = { account, as, ...(options.until === undefined ? {} : { until: options.until }) };
      const share = await portalOf(context, options).call("share", { id: idOf(id), body });
      show(
        context,
        options,
        share,
        (it) =>
          `${it.account} ${it.as === "viewer" ? "may look on" : `may enter as ${it.as}`}${it.until === null ? "" : ` until ${moment(it.until)}`}.`,
      );
      if (as === "member")
        context.terminal.err(
          "A member acts as you inside: she can read your home and submit jobs in your name.",
        );
    },
  );
  addCommand(
    program,
    "unshare <id> <account>",
    "let somebody in no more",
    asItIs,
    async (options, id, account = "") => {
      await portalOf(context, options).call("unshare", { id: idOf(id), account });
      show(context, options, { account }, () => `${account} may not enter any more.`);
    },
  );
  for (const { name, as, summary, said } of handings)
    addCommand(program, `${name} <id> <account>`, summary, asItIs, async (options, id, account = "") => {
      const body = { account, as };
      const share = await portalOf(context, options).call("handOver", { id: idOf(id), body });
      show(context, options, share, (it) => `${it.account} ${said}`);
    });
  addCommand(program, "shares <id>", "who else may enter", asItIs, async (options, id) => {
    showPage(
      context,
      options,
      columns,
      await portalOf(context, options).call("listShares", { id: idOf(id) }),
    );
  });
};

function shareOptions(command: Command): Command {
  return command
    .requiredOption("--as <role>", "viewer, member or support")
    .option("--until <moment>", "for so long, such as 2026-12-31T18:00:00Z");
}
