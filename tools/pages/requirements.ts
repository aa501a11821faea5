import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "../house/source.ts";

interface ShownBy {
  readonly test: string;
  readonly file: string;
}

const testName = /\b(?:test|it|describe|step)\(\s*(?:"([^"]+)"|`([^`]+)`|'([^']+)')/g;

/** `docs/requirements.md`: every requirement with the tests whose names carry its number. */
export function requirementsPage(root: string): string {
  const shown = testsByRequirement(root);
  const lines = readFileSync(join(root, "tools/pages/requirements.txt"), "utf8").trim().split("\n");
  const numbers = lines.filter((line) => !line.startsWith("#")).map((line) => Number.parseInt(line, 10));
  const count = numbers.filter((number) => shown.has(number)).length;
  return [
    "# Requirements",
    "",
    "What photon and neutron facilities asked for in the public documents of the PaNOSC, ExPaNDS, CALIPSOplus and VISA",
    `projects, and the tests that show it. ${count} of ${numbers.length} are shown by at least one test. A test names what it shows;`,
    "this page is made from the tests by `node tools/generate.ts`.",
    ...lines.flatMap((line) => row(line, shown)),
    "",
  ].join("\n");
}

function row(line: string, shown: ReadonlyMap<number, readonly ShownBy[]>): string[] {
  if (line.startsWith("# ")) return ["", `## ${line.slice(2)}`, "", "| | what | shown by |", "|---|---|---|"];
  const [number = "", ...words] = line.split(" ");
  const tests = shown.get(Number(number)) ?? [];
  const first = tests.slice(0, 3).map(({ test, file }) => `${test.replaceAll("|", "\\|")} (\`${file}\`)`);
  const more = tests.length > 3 ? [`and ${tests.length - 3} more`] : [];
  return [`| R${number} | ${words.join(" ")} | ${[...first, ...more].join("<br>")} |`];
}

/** Tests by the numbers at the beginning of their names, such as `R22 R111 the walk …`. */
export function testsByRequirement(root: string): ReadonlyMap<number, readonly ShownBy[]> {
  const found = new Map<number, ShownBy[]>();
  const folders = ["packages", "environments", "demo", "e2e", "bootstrap", "extensions", "tools"];
  for (const file of folders.flatMap((folder) => filesBelow(root, folder, [".test.ts", ".test.tsx"])))
    for (const name of namesIn(readFileSync(join(root, file), "utf8")))
      for (const number of numbersOf(name)) add(found, number, { test: textOf(name), file });
  return found;
}

function namesIn(text: string): string[] {
  return [...text.matchAll(testName)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

export function numbersOf(name: string): number[] {
  const head = /^(?:R\d{1,3}[ ,:]+)+/.exec(`${name} `)?.[0] ?? "";
  return [...head.matchAll(/R(\d+)/g)]
    .map((match) => Number(match[1]))
    .filter((number) => number >= 1 && number <= 142);
}

function textOf(name: string): string {
  return name.replace(/^(?:R\d{1,3}[ ,:]+)+/, "").replaceAll(/\$\{[^}]+\}/g, "…");
}

function add(found: Map<number, ShownBy[]>, number: number, shown: ShownBy): void {
  found.set(number, [...(found.get(number) ?? []), shown]);
}
