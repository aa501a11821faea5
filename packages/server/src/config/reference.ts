import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { exampleConfig } from "./example.ts";
import { usage } from "./options.ts";
import { configSchema } from "./schema.ts";
import { type Shape, shapeOf } from "./schema-keys.ts";

/** Where the reference page of the configuration lies in the checkout. */
export const referenceFile = resolve(import.meta.dirname, "../../../../docs/config.md");

/** The reference page, made from the schema: what it says is what is read. */
export function configReference(): string {
  const shape = shapeOf(configSchema);
  const entries = Object.entries(shape.properties ?? {});
  const sections = entries.flatMap(([key, part]) => sectionOf(key, part));
  return [
    introduction,
    "## An example\n",
    `\`\`\`yaml\n${exampleConfig}\`\`\`\n`,
    "## Options and environment\n",
    `\`\`\`\n${usage}\`\`\`\n`,
    environment,
    "## Keys\n",
    table(entries.map(([key, part]) => row(key, part, shape))),
    ...sections,
  ].join("\n");
}

const introduction = `# Configuration

One YAML file, named by \`--config FILE\` or \`ENDSTATION_CONFIG\`. Without one, \`npm start\` shows the demonstration on this
machine only. An option stands over the environment, the environment over the file, the file over what is usual. A key that
does not exist is an error that names the nearest one; all faults are told at once, each with its line. Relative paths start
from the file's folder. Secrets stand in files of their own (keys that end in \`File\`), never in this one.

This page is made from the code (\`node packages/server/src/config/reference.ts\`); a test holds both equal.
`;

const environment = `\`DATABASE_URL\` names a PostgreSQL of the facility's own (15 or newer); \`ENDSTATION_SOFTWARE\` is where Node, environments and
programs are kept.
`;

function sectionOf(key: string, part: Shape): string[] {
  const holder = part.items ?? part;
  const choices = holder.oneOf ?? holder.anyOf;
  if (choices?.some((choice) => choice.properties !== undefined) === true)
    return choices.flatMap((choice) =>
      keysOf(`${key}: type ${String(choice.properties?.["type"]?.const)}`, choice),
    );
  return holder.properties === undefined ? [] : keysOf(key, holder);
}

function keysOf(title: string, shape: Shape): string[] {
  const rows = Object.entries(shape.properties ?? {}).flatMap(([key, part]) => [
    row(key, part, shape),
    ...Object.entries(part.properties ?? {}).map(([inner, one]) => row(`${key}.${inner}`, one, part)),
  ]);
  return [`### ${title}\n`, table(rows)];
}

type Row = readonly [key: string, type: string, usual: string, meaning: string];

function row(key: string, part: Shape, holder: Shape): Row {
  const required =
    holder.required?.includes(key.split(".").at(-1) ?? "") === true && part.default === undefined;
  return [`\`${key}\``, typeOf(part), required ? "required" : usualOf(part), part.description ?? ""];
}

function table(rows: readonly Row[]): string {
  const lines = rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
  return ["| key | type | usually | meaning |", "|---|---|---|---|", ...lines, ""].join("\n");
}

function usualOf(part: Shape): string {
  const { default: usual } = part;
  const isPlain = usual === null || ["string", "number", "boolean"].includes(typeof usual);
  const isShortList = Array.isArray(usual) && usual.every((one) => typeof one === "string");
  return isPlain || isShortList ? `\`${JSON.stringify(usual)}\`` : "";
}

function typeOf(part: Shape): string {
  if (part.const !== undefined) return `\`${JSON.stringify(part.const)}\``;
  if (part.enum !== undefined) return part.enum.map((one) => `\`${String(one)}\``).join(" or ");
  if (part.type === "array")
    return part.items === undefined ? "list" : `list of ${plural(typeOf(part.items))}`;
  if (part.type === "object") return "section";
  const choices = part.oneOf ?? part.anyOf;
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(" or ");
  return `${part.type === "integer" ? "whole number" : (part.type ?? "text").replace("string", "text")}${rangeOf(part)}`;
}

function plural(type: string): string {
  return { section: "sections", text: "texts", "whole number": "whole numbers" }[type] ?? type;
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: Shape): string {
  if (exclusiveMinimum !== undefined) return ` over ${exclusiveMinimum}`;
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : null;
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : null;
  if (least !== null && most !== null) return ` ${least} to ${most}`;
  return least === null ? "" : ` from ${least}`;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === join(import.meta.dirname, "reference.ts"))
  writeFileSync(referenceFile, configReference());
