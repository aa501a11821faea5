import type { CallAnswer } from "@endstation/api";
import type { Command } from "commander";
import { type Context, type GlobalOptions, portalOf, show } from "../context.ts";
import { approval } from "../device.ts";
import { wrongUse } from "../failure.ts";
import { runOperator } from "../operator.ts";
import { chosenPortal, portalAt } from "../portal.ts";
import type { Column } from "../table.ts";
import { day, moment } from "../words.ts";
import { type AddCommands, addCommand, asItIs, collect } from "./command.ts";
import { showPage } from "./data.ts";

type Token = CallAnswer<"listTokens">["items"][number];

const columns: readonly Column<Token>[] = [
  { title: "Id", of: ({ id }) => id },
  { title: "Scopes", of: ({ scopes }) => scopes.join(" ") },
  { title: "Expires", of: ({ expiresAt }) => day(expiresAt) },
  { title: "Last used", of: ({ lastUsedAt }) => moment(lastUsedAt) },
  { title: "Name", of: ({ name }) => name, cut: true },
];

interface MakeOptions extends GlobalOptions {
  readonly scope: string[];
  readonly days: string;
}

export const addTokens: AddCommands = (program, context) => {
  const token = program.command("token").description("access tokens for scripts");
  addCommand(token, "list", "your access tokens", asItIs, async (options) => {
    showPage(context, options, columns, await portalOf(context, options).call("listTokens"));
  });
  addCommand(
    token,
    "make <name>",
    "make an access token, approved in your browser; prints it once",
    makeOptions,
    (options: MakeOptions, name) => makeToken(context, options, name ?? ""),
  );
  addCommand(token, "revoke <id>", "make an access token useless", asItIs, async (options, id = "") => {
    await portalOf(context, options).call("revokeToken", { id });
    show(context, options, { id }, () => `${id} is revoked.`);
  });
  token
    .command("create <account>")
    .description("on the portal's own machine: make an access token for an account, without a portal")
    .option("--state <folder>", "the portal's state folder")
    .option("--config <file>", "the portal's configuration")
    .option("--scope <scope>", "read, sessions or admin (several times)", collect, [])
    .option("--days <days>", "how long it is good for")
    .option("--json", "answer in JSON, for programs")
    .action((account: string, options: Record<string, unknown>) =>
      runOperator(["token", "create", account], options, context),
    );
};

function makeOptions(command: Command): Command {
  return command
    .option("--scope <scope>", "read or sessions (several times); both when left out", collect, [])
    .option("--days <days>", "how long it is good for", "90");
}

/** No token can make another; a person's browser can, by the same way as `login`. */
async function makeToken(context: Context, options: MakeOptions, name: string): Promise<void> {
  const scopes = (options.scope.length === 0 ? ["read", "sessions"] : options.scope).map(scopeOf);
  const days = Number(options.days);
  if (!(days > 0 && days <= 366))
    throw wrongUse(`"${options.days}" is not a number of days`, "Use 1 to 366.");
  const url = chosenPortal(options.portal, context.environment, context.credentials);
  const wish = { name, scopes, expiresInSeconds: Math.max(60, Math.round(days * 86_400)) };
  const { token, account } = await approval(context, portalAt(url), wish);
  show(context, options, { token, account, portal: url, name, scopes }, () => token);
}

function scopeOf(text: string): "read" | "sessions" {
  if (text === "read" || text === "sessions") return text;
  throw wrongUse(
    `"${text}" is not a scope that can be had here`,
    "Use read or sessions; admin is made in the portal.",
  );
}
