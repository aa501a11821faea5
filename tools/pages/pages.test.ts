import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { outdatedPages } from "./pages.ts";
import { numbersOf } from "./requirements.ts";
import { stateDiagram, withStateDiagram } from "./state-diagram.ts";

test("a page that is not as the code makes it is found", (t) => {
  const root = mkdtempSync(join(tmpdir(), "endstation-pages-"));
  t.after(() => rmSync(root, { recursive: true }));
  const page = { path: "page.md", make: () => "as made\n" };
  assert.equal(outdatedPages(root, [page]).length, 1, "missing");
  writeFileSync(join(root, "page.md"), "as made\n");
  assert.deepEqual(outdatedPages(root, [page]), []);
  writeFileSync(join(root, "page.md"), "edited by hand\n");
  assert.equal(outdatedPages(root, [page]).length, 1, "edited");
});

test("a test's requirements are the numbers its name begins with", () => {
  assert.deepEqual(numbersOf("R22 R111 the walk"), [22, 111]);
  assert.deepEqual(numbersOf("R1, R4: logging in"), [1, 4]);
  assert.deepEqual(numbersOf("the R22 of the middle"), []);
  assert.deepEqual(numbersOf("R143 is none"), []);
});

test("the state diagram has the way from asking to an end", () => {
  const diagram = stateDiagram();
  assert.match(diagram, /pending --> starting: .*launch-accepted/);
  assert.match(diagram, /starting --> running: endpoint-ready/);
  assert.match(diagram, /stopping --> stopped/);
  assert.throws(() => withStateDiagram("a page without the mark"));
});
