import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { EndstationError } from "@endstation/core";
import { lockState } from "./state-lock.ts";

const root = mkdtempSync("/tmp/es-lock-");
after(() => rmSync(root, { recursive: true, force: true }));

/** Another process that takes the lock, starts a child of its own, and waits. */
async function holder(folder: string) {
  const script = `
    import { spawn } from "node:child_process";
    import { lockState } from ${JSON.stringify(join(import.meta.dirname, "state-lock.ts"))};
    lockState(${JSON.stringify(folder)});
    const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const words = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script];
  const process_ = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const [text] = (await once(process_.stdout, "data")) as [Buffer];
  return { process: process_, child: Number(text.toString()) };
}

test("a state folder belongs to one process; killed, it leaves it free, whatever its children do", async () => {
  const other = await holder(root);
  try {
    assert.throws(
      () => lockState(root),
      (error: unknown) => {
        assert.ok(error instanceof EndstationError);
        assert.equal(error.code, "state-in-use");
        assert.match(error.detail, new RegExp(`^${root} is in use by process ${other.process.pid}$`));
        return true;
      },
    );
    const ended = once(other.process, "exit");
    other.process.kill("SIGKILL");
    await ended;
    assert.ok(process.kill(other.child, 0), "the child lives on");
    lockState(root).release();
  } finally {
    process.kill(other.child, "SIGKILL");
  }
});

test("the same process does not get it twice; released, it is free; only the owner can open it", () => {
  const lock = lockState(root);
  assert.throws(() => lockState(root), /state-in-use/);
  assert.equal(statSync(join(root, ".lock")).mode & 0o777, 0o600);
  lock.release();
  lock.release();
  assert.equal(existsSync(join(root, ".lock-holder")), false);
  lockState(root).release();
});

test("a folder that is not there", () => {
  assert.throws(() => lockState(join(root, "nothing")), /state-unwritable: the lock .*nothing/);
});
