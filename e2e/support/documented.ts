import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root: string = join(import.meta.dirname, "../..");

/** A command that a page tells people to type. */
export interface Documented {
  readonly page: string;
  readonly line: number;
  readonly command: string;
}

/** Pages for people: those at the top and all below `docs`. */
export function pages(): string[] {
  const top = readdirSync(root).filter((name) => name.endsWith(".md"));
  const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name));
  return [...top, ...docs].sort();
}

const shells = /^```(sh|bash|shell|console)\s*$/;

/** Every line of a page's shell blocks, without prompts and comments; continued lines are joined. */
export function blockCommands(page: string, text = readFileSync(join(root, page), "utf8")): Documented[] {
  const found: Documented[] = [];
  let inside = false;
  let begun = "";
  for (const [index, raw] of text.split("\n").entries()) {
    const fence = raw.trimStart();
    if (!inside) inside = shells.test(fence);
    else if (fence.startsWith("```")) inside = false;
    else {
      const line = `${begun}${raw.trim().replace(/^\$ /, "")}`;
      begun = line.endsWith("\\") ? line.slice(0, -1) : "";
      if (begun === "" && line !== "" && !line.startsWith("#"))
        found.push({ page, line: index + 1, command: line });
    }
  }
  return found;
}

/** Commands of this house that stand in a sentence or a table. */
export function inlineCommands(page: string, text = readFileSync(join(root, page), "utf8")): Documented[] {
  return text.split("\n").flatMap((line, index) =>
    [...line.matchAll(/`((?:npm (?:start|test|ci|run)\b|node )[^`]*)`/g)].map(([, command = ""]) => ({
      page,
      line: index + 1,
      command,
    })),
  );
}

const command = /^(npx )?endstation /;

/** The blocks' lines that call the command line, as its words. */
export function endstationCommands(page: string): string[][] {
  return blockCommands(page)
    .filter((one) => command.test(one.command))
    .map((one) => one.command.replace(command, "").split(/\s+/));
}
