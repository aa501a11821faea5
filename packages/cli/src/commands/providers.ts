import type { CallAnswer } from "@endstation/api";
import { type Context, type GlobalOptions, portalOf, show } from "../context.ts";
import type { Column } from "../table.ts";
import { moment } from "../words.ts";
import { type AddCommands, addCommand, asItIs } from "./command.ts";
import { showPage } from "./data.ts";

type Provider = CallAnswer<"listProviders">["items"][number];

const columns: readonly Column<Provider>[] = [
  { title: "Name", of: ({ name }) => name },
  { title: "Live sessions", of: ({ liveSessions }) => String(liveSessions) },
  { title: "Isolation", of: ({ isolation }) => isolation ?? "" },
  { title: "State", of: stateOf, cut: true },
];

function stateOf({ configured, drained, outageSince }: Provider): string {
  if (!configured) return "not configured any more";
  if (outageSince !== null) return `cannot be asked since ${moment(outageSince)}`;
  return drained === null ? "takes sessions" : `drained by ${drained.by}, ${moment(drained.at)}`;
}

/** For administrators of the facility. */
export const addProviders: AddCommands = (program, context) => {
  const providers = program
    .command("providers")
    .description("where sessions run, for administrators of the facility");
  addCommand(
    providers,
    "list",
    "compute providers and how many sessions live there",
    asItIs,
    async (options) => {
      showPage(context, options, columns, await portalOf(context, options).call("listProviders"));
    },
  );
  addCommand(
    providers,
    "drain <name>",
    "let it take no new sessions; those that run go on",
    asItIs,
    (options, name = "") => change(context, options, "drainProvider", name),
  );
  addCommand(providers, "resume <name>", "let it take new sessions again", asItIs, (options, name = "") =>
    change(context, options, "resumeProvider", name),
  );
};

async function change(
  context: Context,
  options: GlobalOptions,
  call: "drainProvider" | "resumeProvider",
  id: string,
): Promise<void> {
  const provider = await portalOf(context, options).call(call, { id });
  const { name, liveSessions } = provider;
  const words =
    call === "drainProvider"
      ? `${name} takes no new sessions. ${liveSessions} live there and go on.`
      : `${name} takes new sessions again.`;
  show(context, options, provider, () => words);
}
