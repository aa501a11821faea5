import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseSync } from "vite";

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const folder = join(import.meta.dirname, "../../src");

/** Every source file of the UI. */
export function uiSources(): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
    .map((path) => join(folder, path))
    .map((path) => ({ path: relative(folder, path), text: readFileSync(path, "utf8") }));
}

/** Attributes that people see or hear. */
const spoken = new Set([
  "title",
  "label",
  "placeholder",
  "description",
  "alt",
  "aria-label",
  "error",
  "lead",
]);
const letters = /\p{L}{2}/u;

/** Words for people that stand in the code instead of in `en.json`, as `file: "words"`. */
export function literalWords({ path, text }: SourceFile): string[] {
  const found: string[] = [];
  const note = (value: unknown) => {
    if (typeof value === "string" && letters.test(value)) found.push(`${path}: "${value.trim()}"`);
  };
  walk(parseSync(path, text).program as unknown as Node, (node) => {
    if (node.type === "JSXText") note(node["value"]);
    if (node.type === "JSXElement" || node.type === "JSXFragment")
      for (const child of node["children"] as Node[])
        if (child.type === "JSXExpressionContainer") said(child, note);
    if (node.type === "JSXAttribute" && spoken.has(String((node["name"] as Node)["name"])))
      said(node["value"] as Node | null, note);
  });
  return found;
}

/** The strings that an expression can come to, as far as they stand in it. */
function said(node: Node | null, note: (value: unknown) => void): void {
  if (node === null) return;
  if (node.type === "Literal") note(node["value"]);
  if (node.type === "TemplateLiteral")
    for (const part of node["quasis"] as { value: { cooked: string } }[]) note(part.value.cooked);
  for (const inner of ["expression", "consequent", "alternate", "right"] as const)
    if (typeof node[inner] === "object") said(node[inner] as Node | null, note);
}

function walk(node: Node, see: (node: Node) => void): void {
  see(node);
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (typeof child === "object" && child !== null && "type" in child) walk(child as Node, see);
}

type Words = { readonly [key: string]: string | Words };

/** Every key of the words, plural forms as one. */
export function keysOf(words: Words, before = ""): string[] {
  const keys = Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string"
      ? [`${before}${key.replace(/_(one|other)$/, "")}`]
      : keysOf(value, `${before}${key}.`),
  );
  return [...new Set(keys)];
}

/** The keys asked for in the code: whole ones, and the beginnings of those that are put together. */
export function askedKeys(sources: readonly SourceFile[]): { whole: Set<string>; beginnings: string[] } {
  const all = sources.map(({ text }) => text).join("\n");
  const asked = [...all.matchAll(/\bt\(\s*(?:"([^"]+)"|`([^`$]+)\$\{)/g)];
  const of = (group: 1 | 2) => asked.flatMap((match) => match[group] ?? []);
  // Those that are put together in `names.ts` and the like begin with whole words before the dot.
  return { whole: new Set(of(1)), beginnings: [...new Set(of(2))] };
}

export function readWords(): Words {
  return JSON.parse(readFileSync(join(folder, "i18n/en.json"), "utf8")) as Words;
}
