import type { CallAnswer } from "@endstation/api";
import type { Command } from "commander";
import { type GlobalOptions, portalOf, show } from "../context.ts";
import { wrongUse } from "../failure.ts";
import type { Column } from "../table.ts";
import { moment } from "../words.ts";
import { type AddCommands, addCommand, asItIs } from "./command.ts";
import { showPage } from "./data.ts";
import { idOf } from "./sessions.ts";

type Item<Name extends "listRequests" | "listPresent" | "listAudit"> = CallAnswer<Name>["items"][number];

const requestColumns: readonly Column<Item<"listRequests">>[] = [
  { title: "Request", of: ({ id }) => id },
  { title: "Session", of: ({ session }) => session.id },
  { title: "Account", of: ({ account }) => account },
  { title: "As", of: (request) => request.as },
  { title: "State", of: ({ state }) => state },
  { title: "Why", of: ({ reason }) => reason ?? "", cut: true },
];

const presentColumns: readonly Column<Item<"listPresent">>[] = [
  { title: "Account", of: ({ account }) => account },
  { title: "As", of: ({ role }) => role },
  { title: "Since", of: ({ since }) => moment(since) },
  { title: "Name", of: ({ name }) => name, cut: true },
];

const auditColumns: readonly Column<Item<"listAudit">>[] = [
  { title: "At", of: ({ at }) => moment(at) },
  { title: "Who", of: ({ account }) => account ?? "" },
  { title: "What", of: ({ action }) => action },
  { title: "Whom", of: ({ whom }) => whom ?? "" },
  { title: "As", of: ({ role }) => role ?? "" },
  { title: "By", of: ({ way }) => way ?? "", cut: true },
  { title: "Why", of: ({ reason }) => reason ?? "", cut: true },
];

const roles = ["viewer", "member", "support"] as const;

type AskOptions = GlobalOptions & { readonly as: string; readonly reason?: string };
type AnswerOptions = GlobalOptions & { readonly as?: string; readonly until?: string };

/** Asking to be let in, answering, and who is and was there. */
export const addAsking: AddCommands = (program, context) => {
  addCommand(
    program,
    "ask <id>",
    "ask its owner to be let in",
    askOptions,
    async (options: AskOptions, id) => {
      const body = {
        as: roleOf(options.as),
        ...(options.reason === undefined ? {} : { reason: options.reason }),
      };
      const asked = await portalOf(context, options).call("askToJoin", { id: idOf(id), body });
      show(context, options, asked, (it) =>
        it.state === "accepted" ? "You are let in, and its owner is told." : `Asked as request ${it.id}.`,
      );
    },
  );
  addCommand(
    program,
    "requests",
    "who asks to join your sessions, and what became of yours",
    asItIs,
    async (options) => {
      showPage(context, options, requestColumns, await portalOf(context, options).call("listRequests"));
    },
  );
  addCommand(
    program,
    "answer <request> <yes-or-no>",
    "let in who asked, or not",
    answerOptions,
    async (options: AnswerOptions, request = "", answer = "") => {
      if (answer !== "yes" && answer !== "no") throw wrongUse(`"${answer}" is no answer`, "Use yes or no.");
      const { as, until } = options;
      const more = {
        ...(as === undefined ? {} : { as: roleOf(as) }),
        ...(until === undefined ? {} : { until }),
      };
      const body = { answer, ...more } as const;
      const answered = await portalOf(context, options).call("answerRequest", { request, body });
      show(context, options, answered, (it) =>
        answer === "yes" ? `${it.account} may enter.` : `${it.account} is not let in.`,
      );
    },
  );
  addCommand(
    program,
    "withdraw <request>",
    "withdraw what you asked",
    asItIs,
    async (options, request = "") => {
      await portalOf(context, options).call("withdrawRequest", { request });
      show(context, options, { request }, () => `Request ${request} is withdrawn.`);
    },
  );
  addCommand(program, "here <id>", "who is inside now", asItIs, async (options, id) => {
    const found = await portalOf(context, options).call("listPresent", { id: idOf(id) });
    showPage(context, options, presentColumns, found);
  });
  addCommand(
    program,
    "audit <id>",
    "what is recorded of who was let in",
    (command) => command.option("--limit <count>", "at most so many (1 to 200)", "50"),
    async (options: GlobalOptions & { limit: string }, id) => {
      const found = await portalOf(context, options).call("listAudit", {
        id: idOf(id),
        limit: options.limit,
      });
      showPage(context, options, auditColumns, found);
    },
  );
};

function askOptions(command: Command): Command {
  return command
    .requiredOption("--as <role>", "viewer, member or support")
    .option("--reason <words>", "why; support must say it");
}

function answerOptions(command: Command): Command {
  return command
    .option("--as <role>", "in place of what was asked for")
    .option("--until <moment>", "for so long, such as 2026-12-31T18:00:00Z");
}

function roleOf(as: string) {
  const role = roles.find((one) => one === as);
  if (role === undefined) throw wrongUse(`nobody is let in as "${as}"`, `Use one of ${roles.join(", ")}.`);
  return role;
}
