import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { adapterFaults } from "./adapters.ts";
import { errorPageDifferences } from "./errors-page.ts";
import { cycles, wrongDirections } from "./layers.ts";
import { brokenLinks } from "./links.ts";
import { impurities } from "./purity.ts";
import { longFiles } from "./sizes.ts";
import { readSources } from "./source.ts";

/** A small house in a folder of its own. */
function houseOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "house-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries({ "packages/core/package.json": "{}", ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test("an import against the direction is caught", (t) => {
  const root = houseOf(t, {
    "packages/core/src/session/session.ts": `import { x } from "../policy/admit.ts";`,
    "packages/core/src/policy/admit.ts": `export const x = 1;`,
    "packages/web/src/page.ts": `import { y } from "@endstation/core";`,
    "packages/core/src/index.ts": "",
  });
  assert.deepEqual(wrongDirections(readSources(root)), [
    "packages/core/src/session/session.ts: core/session may not import core/policy (../policy/admit.ts)",
    "packages/web/src/page.ts: web may not import core/index (@endstation/core)",
  ]);
});

test("an adapter that imports another adapter is caught", (t) => {
  const root = houseOf(t, {
    "packages/server/src/adapters/compute/docker/index.ts": `import { x } from "../local/index.ts";`,
    "packages/server/src/adapters/compute/local/index.ts": `export const x = 1;`,
  });
  assert.match(
    wrongDirections(readSources(root)).join(),
    /docker\/index.ts: an adapter may not import another adapter/,
  );
});

test("a cycle is caught, one of types alone is none", (t) => {
  const root = houseOf(t, {
    "packages/api/src/a.ts": `import { b } from "./b.ts";`,
    "packages/api/src/b.ts": `import { c } from "./c.ts";`,
    "packages/api/src/c.ts": `import { a } from "./a.ts";\nimport type { D } from "./d.ts";`,
    "packages/api/src/d.ts": `import { c } from "./c.ts";`,
  });
  assert.deepEqual(cycles(readSources(root)), [
    "packages/api/src/a.ts → packages/api/src/b.ts → packages/api/src/c.ts → packages/api/src/a.ts",
  ]);
});

test("time, chance, a platform and a dependency in core are caught; a comment about them is not", (t) => {
  const root = houseOf(t, {
    "packages/core/package.json": `{"dependencies":{"left-pad":"1"}}`,
    "packages/core/src/a.ts": `// Date.now() would be wrong\nexport const a = Date.now();\nexport const b = Math.random();`,
    "packages/core/src/b.ts": `import { readFile } from "node:fs";`,
  });
  assert.equal(impurities(root, readSources(root)).length, 4);
});

test("an adapter folder that is not registered or lacks a part is caught", (t) => {
  const root = houseOf(t, {
    "packages/server/src/adapters/compute/registry.ts": `export const x = { local: () => import("./local/index.ts"), gone: () => import("./gone/index.ts") };`,
    "packages/server/src/adapters/compute/local/index.ts": "",
    "packages/server/src/adapters/compute/local/config.ts": "",
    "packages/server/src/adapters/compute/local/README.md": "",
    "packages/server/src/adapters/compute/docker/index.ts": "",
  });
  assert.deepEqual(adapterFaults(root), [
    "adapters/compute/docker: is not in registry.ts",
    "adapters/compute/registry.ts: there is no folder gone",
    "adapters/compute/docker: lacks config.ts",
    "adapters/compute/docker: lacks README.md",
    "adapters/compute/docker: lacks contract.test.ts",
    "adapters/compute/local: lacks contract.test.ts",
  ]);
});

test("an error without its entry, an entry without its error, and a wrong title are caught", () => {
  const page =
    "# Errors\n\n## a\n\nTitle of a.\nWho: the person.\n\n## c\n\nTitle of c.\nWho: nobody.\n\n## d\n\nAnother title.\nWho: x.\n";
  const faults = errorPageDifferences(page, ["a", "b", "d"], (code) => `Title of ${code}`);
  assert.deepEqual(faults, [
    "docs/errors.md: has no entry for b",
    "docs/errors.md: c is not in the catalogue",
    `docs/errors.md: d does not say "Title of d"`,
  ]);
});

test("a link to nothing is caught", (t) => {
  const root = houseOf(t, {
    "README.md": "[a](docs/a.md) [b](docs/b.md) [h](docs/a.md#there) [n](docs/a.md#nowhere)",
    "docs/a.md": "# There\n",
  });
  assert.deepEqual(brokenLinks(root), [
    "README.md: leads to docs/b.md, which is not there",
    "README.md: docs/a.md has no heading #nowhere",
  ]);
});

test("a long file is named", (t) => {
  const root = houseOf(t, { "packages/api/src/a.ts": "\n".repeat(400) });
  assert.equal(longFiles(readSources(root)).length, 1);
});
