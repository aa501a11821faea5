import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { unzipSync } from "fflate";
import { installLauncher } from "./launcher.ts";

test("the launcher has a terminal's page with all that it fetches, as a folder and as one file", (t) => {
  const software = mkdtempSync(join(tmpdir(), "es-launcher-"));
  t.after(() => rmSync(software, { recursive: true, force: true }));
  const folder = installLauncher(software);
  assert.equal(installLauncher(software), folder, "what is there is used again");
  const page = "endstation_session/terminal/page";
  const html = readFileSync(join(folder, page, "index.html"), "utf8");
  const named = [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, name]) => name as string);
  const imported = ["main.mjs", "view.mjs", "line.mjs"].flatMap((name) =>
    [...readFileSync(join(folder, page, name), "utf8").matchAll(/from "\.\/([^"]+)"/g)].map(
      ([, one]) => one as string,
    ),
  );
  assert.ok(named.includes("xterm.css") && imported.includes("xterm.mjs"));
  const served = readFileSync(join(folder, "endstation_session/terminal/server.py"), "utf8");
  const packed = unzipSync(readFileSync(`${folder}.pyz`));
  for (const name of [...named, ...imported]) {
    assert.ok(existsSync(join(folder, page, name)), name);
    assert.ok(packed[`${page}/${name}`] !== undefined, name);
    assert.ok(served.includes(`"${name}"`), `${name} is served`);
  }
});
