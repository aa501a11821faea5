import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/security.md"), "utf8");
/** Links to attacks: the text is the test's title, `…` for what differs among several. */
const linked = [...page.matchAll(/\[([^\]]+)\]\(\.\.\/(e2e\/attacks\/[\w-]+\.ts)\)/g)];

function fault(title: string, file: string): string | null {
  const text = readFileSync(join(root, file), "utf8");
  const declared = title.endsWith("…") ? `\`${title.slice(0, -1)}` : `"${title}"`;
  return text.includes(declared) ? null : `${file} has no attack “${title}”`;
}

test("every line of docs/security.md leads to an attack with that title", () => {
  assert.ok(linked.length >= 40);
  assert.deepEqual(
    linked.map(([, title = "", file = ""]) => fault(title, file)).filter((one) => one !== null),
    [],
  );
  assert.notEqual(fault("win everything", "e2e/attacks/cookies.ts"), null);
});

test("every file of attacks is named there", () => {
  const files = readdirSync(import.meta.dirname).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
  );
  const named = new Set(linked.map(([, , file]) => file));
  assert.deepEqual(
    files.filter((name) => !named.has(`e2e/attacks/${name}`)),
    [],
  );
});
