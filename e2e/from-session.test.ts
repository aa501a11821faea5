import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { runPython } from "../packages/server/src/testing/jupyter.ts";
import { enter } from "./support/inside.ts";
import { logIn, type Person } from "./support/person.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";
import { startedSession } from "./support/sessions.ts";

/** Batch jobs from inside a notebook, on a real portal. */
let portal: RunningPortal;
let pi: Person;
let run: (code: string) => Promise<string>;

before(async () => {
  portal = await startPortal();
  pi = await logIn(portal.url, "pi");
  const inside = await enter(portal.url, pi, await startedSession(pi));
  const caller = { host: new URL(inside.origin).host, cookie: inside.cookie };
  run = (code) => runPython(async () => connect(portal.port, "127.0.0.1"), code, caller);
});

after(async () => {
  if (portal !== undefined) await removePortal(portal);
});

test("R31 R34 a function of a notebook runs as a batch session, on the same data, and its result comes back", async () => {
  const printed = await run(`
from endstation import submit
def total(step, names=()):
    import os
    print("computing", step)
    return step * 2, sorted(os.listdir("/data")), list(names)
job = submit(total, 21, names=["a"], name="from the notebook")
print(job.result(timeout=120), "computing 21" in job.log(), job.phase)`);
  assert.match(printed, /\(42, \['lrmecs-3701-mgb2-8k'\], \['a'\]\) True stopped/);
  const { items } = await pi.call("listSessions", {});
  const job = items.find(({ name }) => name === "from the notebook");
  assert.deepEqual([job?.kind, job?.proposal, job?.phase], ["batch", "ipns-2001-mgb2", "stopped"]);
});

test("R34 a script that fails says why, with the end of its log; a job can be called off", async () => {
  const printed = await run(`
from endstation import JobFailed, submit
open("/home/user/job.py", "w").write("import sys\\nprint('given', sys.argv[1:])\\nsys.exit(3)\\n")
job = submit("/home/user/job.py", "one", "two words")
try:
    job.result(timeout=120)
except JobFailed as failure:
    print(failure)
open("/home/user/long.py", "w").write("import time\\ntime.sleep(600)\\n")
job = submit("/home/user/long.py")
job.cancel()
print(job.wait(120).session["reason"])`);
  assert.match(printed, /exit code 3\s+given \['one', 'two words'\]/);
  assert.match(printed, /user\s*$/);
});

test("R23 R34 from inside nothing else can be had: no other session, no token, no rights of an administrator", async () => {
  const other = await pi.call("startSession", { body: { environment: "nexus" } });
  const printed = await run(`
from endstation.portal import Refused, call
for method, path, body in (
    ("GET", "/sessions/${other.id}", None),
    ("POST", "/sessions/${other.id}/stop", None),
    ("POST", "/sessions", {"environment": "nexus"}),
    ("POST", "/sessions", {"environment": "nexus", "proposal": "other-one", "job": {"script": "x"}}),
    ("GET", "/tokens", None),
    ("GET", "/datasets", None),
    ("GET", "/providers", None),
):
    try:
        print(path, "answered", call(method, path, body))
    except Refused as refused:
        print(path, refused.code)`);
  assert.ok(!printed.includes("answered"), printed);
  const codes = printed
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[1]);
  assert.deepEqual(codes.slice(0, 4), ["not-found", "not-found", "not-allowed", "not-allowed"]);
  assert.deepEqual(new Set(codes.slice(4)), new Set(["not-found"]));
});

test("R22 R34 after the portal was killed and started again, jobs go in as before", async () => {
  await portal.kill();
  await portal.start();
  const printed = await run(`
from endstation import submit
print(submit("/home/user/job.py", "again").wait(120).phase)`);
  assert.match(printed, /failed/);
});
