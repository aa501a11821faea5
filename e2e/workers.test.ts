import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runPython } from "../packages/server/src/testing/jupyter.ts";
import { enter, type Inside } from "./support/inside.ts";
import { logIn, type Person } from "./support/person.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";
import { processesOf } from "./support/remains.ts";
import { startedSession } from "./support/sessions.ts";
import { until } from "./support/until.ts";

/** A whole portal whose port belongs to two gateway workers. */
const folder = mkdtempSync(join(tmpdir(), "es-workers-"));
const config = join(folder, "endstation.yaml");
let portal: RunningPortal;
let pi: Person;
let session = "";
let inside: Inside;

before(async () => {
  writeFileSync(config, "workers: 2\n");
  portal = await startPortal({ config });
});

after(async () => {
  if (portal !== undefined) await removePortal(portal);
  rmSync(folder, { recursive: true, force: true });
});

const workers = () => processesOf(portal.state).filter(({ words }) => words.includes("gateway-worker"));

/** Those who hold the portal's port. */
function listeners(): string[] {
  const wanted = `:${portal.port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = ["tcp", "tcp6"].flatMap((file) => readFileSync(`/proc/net/${file}`, "utf8").split("\n"));
  return lines.filter((line) => {
    const words = line.trim().split(/\s+/);
    return words[1]?.endsWith(wanted) && words[3] === "0A";
  });
}

test("somebody logs in at the development issuer and works in a notebook, through two workers", async () => {
  assert.equal(workers().length, 2);
  pi = await logIn(portal.url, "pi");
  session = await startedSession(pi);
  inside = await enter(portal.url, pi, session);
  assert.equal(await sum(inside), "42");
});

test("a proxy's request is still refused by the development issuer", async () => {
  for (const header of ["x-forwarded-for", "via"]) {
    const answer = await fetch(`${portal.url}/auth/login`, { headers: { [header]: "192.0.2.1" } });
    assert.equal(answer.status, 403, header);
  }
});

test("workers that are all killed are replaced, and the session is entered by the same cookie", async () => {
  const before = workers().map(({ pid }) => pid);
  for (const pid of before) process.kill(pid, "SIGKILL");
  await until("an answer by new workers", async () => {
    const answer = await inside.ask("/api/status").catch(() => null);
    return answer?.status === 200;
  });
  assert.ok(workers().every(({ pid }) => !before.includes(pid)));
});

test("R22 the portal is killed: its workers end by themselves and leave the port; started again, all is there", async () => {
  await portal.kill();
  await until("no worker, and nobody on the port", async () => workers().length + listeners().length === 0);
  await portal.start();
  assert.equal(await sum(inside), "42");
});

test("told to end, it ends in order, and its workers with it", async () => {
  assert.equal(await portal.stop(), 0);
  assert.deepEqual([workers(), listeners()], [[], []]);
  assert.doesNotMatch(portal.output(), /not everything ended in order|a gateway worker died/);
  await portal.start();
  assert.equal((await inside.ask("/api/status")).status, 200);
});

async function sum({ origin, cookie }: Inside): Promise<string> {
  const caller = { host: new URL(origin).host, cookie };
  const printed = await runPython(async () => connect(portal.port, "127.0.0.1"), "print(6 * 7)", caller);
  return printed.trim();
}
