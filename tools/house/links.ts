import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { filesBelow } from "./source.ts";

/** Links in our Markdown that lead to no file or no heading. */
export function brokenLinks(root: string): string[] {
  const pages = filesBelow(root, ".", [".md"]).filter((path) => !path.startsWith("demo/archive"));
  return pages.flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8").replaceAll(/```[\s\S]*?```/g, "");
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => fault(root, page, match[1] as string));
  });
}

function fault(root: string, page: string, link: string): string[] {
  if (/^[a-z]+:/.test(link)) return [];
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(root, target))) return [`${page}: leads to ${target}, which is not there`];
  if (anchor === undefined || !target.endsWith(".md")) return [];
  return headingsOf(readFileSync(join(root, target), "utf8")).includes(anchor)
    ? []
    : [`${page}: ${target} has no heading #${anchor}`];
}

function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}
