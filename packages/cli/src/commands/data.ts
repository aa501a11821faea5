import type { CallAnswer } from "@endstation/api";
import type { Command } from "commander";
import { type Context, type GlobalOptions, portalOf, show } from "../context.ts";
import { type Column, table } from "../table.ts";
import { day, size, spaced } from "../words.ts";
import { type AddCommands, addCommand } from "./command.ts";

type Item<Name extends "listProposals" | "listDatasets" | "listEnvironments"> =
  CallAnswer<Name>["items"][number];

const proposalColumns: readonly Column<Item<"listProposals">>[] = [
  { title: "Id", of: (proposal) => proposal.id },
  { title: "Instrument", of: (proposal) => proposal.instrument },
  { title: "Mine", of: (proposal) => spaced(proposal.myRole ?? ""), cut: true },
  { title: "Datasets", of: (proposal) => String(proposal.datasetCount) },
  { title: "Live", of: (proposal) => String(proposal.liveSessionCount) },
  { title: "Title", of: (proposal) => proposal.title, cut: true },
];

const datasetColumns: readonly Column<Item<"listDatasets">>[] = [
  { title: "Id", of: (dataset) => dataset.id },
  { title: "Access", of: (dataset) => dataset.access },
  { title: "Size", of: (dataset) => size(dataset.sizeBytes) },
  { title: "Date", of: (dataset) => day(dataset.createdAt) },
  { title: "Title", of: (dataset) => dataset.title, cut: true },
];

const environmentColumns: readonly Column<Item<"listEnvironments">>[] = [
  { title: "Name", of: (environment) => environment.name },
  { title: "Kind", of: (environment) => environment.kind },
  { title: "Flavours", of: (environment) => environment.flavours.join(" "), cut: true },
  { title: "Title", of: (environment) => environment.title, cut: true },
];

type PageOptions = GlobalOptions & { readonly limit?: string };

export const addData: AddCommands = (program, context) => {
  addCommand(
    program,
    "proposals",
    "your proposals, and open ones",
    (command) => paged(command).option("--mine", "only those whose team you belong to"),
    async (options: PageOptions & { mine?: boolean }) => {
      const query = { ...page(options), ...(options.mine === true ? { mine: "true" } : {}) };
      showPage(
        context,
        options,
        proposalColumns,
        await portalOf(context, options).call("listProposals", query),
      );
    },
  );
  addCommand(
    program,
    "datasets [words...]",
    "datasets you may see",
    datasetFilters,
    (options: DatasetOptions, ...words) => listDatasets(context, options, words),
  );
  addCommand(program, "environments", "what software can be started", paged, async (options: PageOptions) => {
    const found = await portalOf(context, options).call("listEnvironments");
    showPage(context, options, environmentColumns, found);
  });
};

function paged(command: Command): Command {
  return command.option("--limit <count>", "at most so many (1 to 200)");
}

interface DatasetOptions extends PageOptions {
  readonly proposal?: string;
  readonly instrument?: string;
  readonly technique?: string;
  readonly access?: "open" | "member" | "embargoed";
  readonly from?: string;
  readonly to?: string;
}

function datasetFilters(command: Command): Command {
  return paged(command)
    .option("--proposal <id>", "of one proposal")
    .option("--instrument <id>", "from one instrument")
    .option("--technique <id>", "of a technique (PaNET id) and those below it")
    .option("--access <kind>", "open, member or embargoed")
    .option("--from <date>", "measured on or after, such as 2018-01-31")
    .option("--to <date>", "measured before");
}

async function listDatasets(
  context: Context,
  options: DatasetOptions,
  words: readonly string[],
): Promise<void> {
  const { proposal, instrument, technique, access, from, to } = options;
  const query = {
    ...page(options),
    ...(words.length > 0 ? { q: words.join(" ") } : {}),
    ...given({ proposal, instrument, technique, access, from: instantOf(from), to: instantOf(to) }),
  };
  showPage(context, options, datasetColumns, await portalOf(context, options).call("listDatasets", query));
}

/** Days are days in UTC; whole moments go as they are, and the portal says what is wrong with them. */
function instantOf(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
}

function page({ limit }: PageOptions): { limit?: string } {
  return limit === undefined ? {} : { limit };
}

/** Without what was not given. */
export function given<Values extends object>(
  values: Values,
): { [Key in keyof Values]: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

interface Page<Row> {
  readonly items: readonly Row[];
  readonly next: string | null;
}

/** One page as a table; says on stderr when there is more, or nothing. */
export function showPage<Row>(
  context: Context,
  options: GlobalOptions,
  columns: readonly Column<Row>[],
  found: Page<Row>,
): void {
  if (options.json !== true && found.items.length === 0) context.terminal.err("There is nothing.");
  else show(context, options, found, ({ items }) => table(context.terminal, columns, items));
  if (found.next !== null && options.json !== true)
    context.terminal.err("There are more: --limit, up to 200.");
}
