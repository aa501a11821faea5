import assert from "node:assert/strict";
import { test } from "node:test";
import { Unavailable } from "@endstation/core";
import { execAs, execHere } from "./exec.ts";

const calm = new AbortController().signal;
const run = execHere();

test("a command's words reach it as they are, and a status is an answer", async () => {
  const words = ["printf", "%s\n", "$(id)", "'", '"', "; rm -rf /nothing", "a\nb", "-x", ""];
  assert.deepEqual(await run({ words }, calm), {
    status: 0,
    output: `${words.slice(2).join("\n")}\n`,
    error: "",
  });
  const failed = await run({ words: ["sh", "-c", "cat; echo no >&2; exit 7"], input: "in" }, calm);
  assert.deepEqual(failed, { status: 7, output: "in", error: "no" });
});

test("nothing of the portal's environment reaches a command", async () => {
  process.env["ENDSTATION_TEST_SECRET"] = "hunter2";
  const { output } = await run({ words: ["env"] }, calm);
  assert.doesNotMatch(output, /hunter2|HOME=/);
});

test("what cannot be run, takes too long, says too much or is called off is Unavailable, and its processes end", async () => {
  await assert.rejects(run({ words: ["/nonexistent"] }, calm), Unavailable);
  await assert.rejects(execHere({ within: 100 })({ words: ["sleep", "60"] }, calm), /no answer within/);
  await assert.rejects(execHere({ mostBytes: 1000 })({ words: ["cat", "/dev/zero"] }, calm), /says too much/);
  await assert.rejects(run({ words: ["sh", "-c", "kill -9 $$"] }, calm), /ended by SIGKILL/);
  await assert.rejects(run({ words: ["true"] }, AbortSignal.abort()), /called off/);
  const stop = new AbortController();
  const long = run({ words: ["sh", "-c", "sleep 61.25 & wait"] }, stop.signal);
  setTimeout(() => stop.abort(), 100);
  await assert.rejects(long, /called off/);
  const left = await run({ words: ["pgrep", "-f", "sleep 61[.]25"] }, calm);
  assert.equal(left.output, "");
});

test("as another account nothing of root is left", {
  skip: process.getuid?.() === 0 ? false : "only root may",
}, async () => {
  const as = execAs({ name: "games", uid: 5, gid: 60 }, run, true);
  const { output } = await as(
    { words: ["sh", "-c", "id; grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status"] },
    calm,
  );
  assert.match(output, /uid=5\(games\) gid=60\(games\) groups=60\(games\)\n/);
  assert.equal(output.match(/Cap\w+:\t0+$/gm)?.length, 4, output);
});
