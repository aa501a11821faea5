import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { adapterFaults } from "../tools/house/adapters.ts";
import { root } from "./support/documented.ts";

/** Does what docs/adding-a-provider.md says, on a copy of the server, and nothing else. */
const page = readFileSync(join(root, "docs/adding-a-provider.md"), "utf8");
const compute = "packages/server/src/adapters/compute";
let copy = "";

before(() => {
  copy = mkdtempSync(join(tmpdir(), "newcomer-"));
  for (const name of ["packages/server", "extensions", "bootstrap", "tsconfig.base.json", "tsconfig.json"])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const { name, text } of blocks("file")) {
    mkdirSync(dirname(join(copy, compute, name)), { recursive: true });
    writeFileSync(join(copy, compute, name), text);
  }
});

after(() => rmSync(copy, { recursive: true, force: true }));

test("a folder that is not in the registry is noticed", () => {
  assert.deepEqual(adapterFaults(copy), ["adapters/compute/toy: is not in registry.ts"]);
});

test("with its line the house has no complaint, and the compiler none", async () => {
  const [line] = blocks("line").filter(({ name }) => name === "import");
  const [entry] = blocks("line").filter(({ name }) => name === "entry");
  const file = join(copy, compute, "registry.ts");
  const registry = readFileSync(file, "utf8");
  const opening = "export const computeAdapters = {\n";
  assert.ok(registry.includes(opening));
  writeFileSync(file, `${line?.text}${registry.replace(opening, `${opening}${entry?.text}`)}`);
  assert.deepEqual(adapterFaults(copy), []);
  writeFileSync(
    join(copy, "tsconfig.toy.json"),
    JSON.stringify({ extends: "./tsconfig.json", include: [`${compute}/toy`, `${compute}/registry.ts`] }),
  );
  const { code, output } = await run([
    join(root, "node_modules/typescript/bin/tsc"),
    "-p",
    "tsconfig.toy.json",
  ]);
  assert.equal(code, 0, output);
});

test("R20 the toy keeps every promise of the contract that can be asked of it", async () => {
  const { code, output } = await run([
    "--test",
    "--test-reporter=tap",
    join(compute, "toy/contract.test.ts"),
  ]);
  assert.equal(code, 0, output);
  const passed = Number(/^# pass (\d+)/m.exec(output)?.[1]);
  assert.ok(passed >= 20, `${passed} passed`);
});

interface Block {
  readonly name: string;
  readonly text: string;
}

/** The page's code blocks that say where they belong. */
function blocks(kind: "file" | "line"): Block[] {
  const found = page.matchAll(new RegExp(`^\`\`\`\\w+ ${kind}=(\\S+)\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  return [...found].map(([, name = "", text = ""]) => ({ name, text }));
}

/** Without what a test runner tells its own test files: this is another run. */
async function run(words: readonly string[]): Promise<{ code: number | null; output: string }> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, words, { cwd: copy, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output };
}
