import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { blockCommands, type Documented, inlineCommands, pages, root } from "./support/documented.ts";

/** What pages tell people to type is run by a test, or answered for by one that is named here. */
const cliPages = ["README.md", "docs/cli.md", "docs/batch.md"];

/** Commands that no test can run within another; where they are shown instead. */
const answeredFor: Readonly<Record<string, string>> = {
  "npm start": "e2e/operator.test.ts",
  "npm test": "tools/test.ts",
  "npm ci": "bootstrap/run.test.ts",
  "curl -H": "e2e/viewer.test.ts",
};

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

function whyNot({ page, command }: Documented): string | null {
  if (/^(npx )?endstation /.test(command))
    return cliPages.includes(page) ? null : `no test runs the blocks of ${page}`;
  return notThere(command);
}

/** Null where the command's script or program is there. */
function notThere(command: string): string | null {
  const [program = "", ...words] = command.split(/\s+/);
  const named = Object.keys(answeredFor).find((one) => command === one || command.startsWith(`${one} `));
  if (named !== undefined)
    return existsSync(join(root, answeredFor[named] ?? "")) ? null : `${answeredFor[named]} is not there`;
  if (program === "npm" && words[0] === "run")
    return (words[1] ?? "") in scripts ? null : `package.json has no script ${words[1]}`;
  if (program === "node" || program.endsWith("/python")) {
    const script = words.find((word) => !word.startsWith("-")) ?? "";
    return existsSync(join(root, script)) ? null : `there is no ${script}`;
  }
  return "no test runs it";
}

const complaints = (commands: readonly Documented[], why: (one: Documented) => string | null) =>
  commands.flatMap((one) => {
    const reason = why(one);
    return reason === null ? [] : [`${one.page}:${one.line}: ${one.command}: ${reason}`];
  });

test("every command in a shell block of the pages is run by a test, or answered for", () => {
  const found = pages().flatMap((page) => blockCommands(page));
  assert.ok(found.length >= 10, `only ${found.length} commands were found`);
  assert.deepEqual(complaints(found, whyNot), []);
});

test("programs and scripts that stand in the pages' sentences are there", () => {
  const found = pages().flatMap((page) => inlineCommands(page));
  assert.ok(found.length >= 10, `only ${found.length} commands were found`);
  assert.deepEqual(
    complaints(found, ({ command }) => notThere(command)),
    [],
  );
});

test("a command that nobody runs, and a script that is gone, are found", () => {
  const page = ["# A page", "", "```sh", "npm start", "$ make everything \\", "  now", "# why", "```"];
  const found = blockCommands("docs/some.md", page.join("\n"));
  assert.deepEqual(
    found.map(({ command, line }) => `${line} ${command}`),
    ["4 npm start", "6 make everything now"],
  );
  assert.deepEqual(complaints(found, whyNot), ["docs/some.md:6: make everything now: no test runs it"]);
  const inline = inlineCommands("docs/some.md", "Run `npm run nothing` and `node tools/nothing.ts`.");
  assert.equal(complaints(inline, ({ command }) => notThere(command)).length, 2);
  const elsewhere = blockCommands("docs/some.md", "```sh\nnpx endstation list\n```");
  assert.equal(complaints(elsewhere, whyNot).length, 1);
});
