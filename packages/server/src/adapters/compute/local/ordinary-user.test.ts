import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { builtEnvironment } from "../../../testing/built-environment.ts";

const account = ["--reuid", "64999", "--regid", "64999", "--clear-groups"];
const contract = join(import.meta.dirname, "contract.test.ts");
/** What differs without root: who may be what, how sizes are held, and how a fork enters a sandbox. */
const cases =
  "R20 a launch|R31|R43 it runs|R42 R60|R114 a fork bomb|R23 two sessions|R23 it cannot see|dial reaches";

test("R43 a portal started by an ordinary user keeps the contract too", { skip: whyNot() }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), "est-ordinary-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  chownSync(home, 64_999, 64_999);
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const node = [process.execPath, "--test", "--disable-warning=ExperimentalWarning"];
  const { stdout } = await promisify(execFile)(
    "setpriv",
    [...account, ...node, "--test-reporter=tap", "--test-name-pattern", cases, contract],
    { cwd: home, env: { ...environment, HOME: home, XDG_RUNTIME_DIR: "" }, maxBuffer: 16 * 1024 * 1024 },
  );
  assert.match(stdout, /# fail 0/);
  assert.ok(Number(/# pass (\d+)/.exec(stdout)?.[1]) >= 10, stdout);
});

function whyNot(): string | false {
  if (process.getuid?.() !== 0) return "it runs as an ordinary user already: contract.test.ts shows it";
  const environment = builtEnvironment("nexus");
  if (environment === null) return "the environment nexus is not built on this machine (npm start builds it)";
  try {
    for (const path of [contract, process.execPath, join(environment, "bin/python")])
      execFileSync("setpriv", [...account, "test", "-r", path]);
    return false;
  } catch {
    return "the checkout, Node or the environment lie where an ordinary user cannot read them";
  }
}
