import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { softwareFolderOf } from "../bootstrap/folders.mjs";
import { root } from "./support/documented.ts";
import { enter, type Inside } from "./support/inside.ts";
import { logIn, type Person } from "./support/person.ts";
import {
  failedStart,
  freePort,
  portalOn,
  type RunningPortal,
  removePortal,
  stateFolder,
} from "./support/portal.ts";
import { processesOf, removeRemains } from "./support/remains.ts";
import { startedSession } from "./support/sessions.ts";
import { until } from "./support/until.ts";

/** Bad days of whoever runs the portal: the whole program, on a real machine. */
let portal: RunningPortal | undefined;
let pi: Person;
let session = "";
let inside: Inside;

after(async () => {
  if (portal !== undefined) await removePortal(portal);
});

const isRoot = process.getuid?.() === 0;
const noStack = /\n\s+at .+:\d+:\d+/;

test("a typo in the configuration: refused with its line and the key that was meant, and nothing is begun", async (t) => {
  const state = await stateFolder();
  t.after(() => removeRemains(state));
  const config = join(state, "endstation.yaml");
  writeFileSync(config, "listen:\n  prot: 8080\nsesionsDomain: apps.example.org\n");
  const { code, output } = await failedStart(["--config", config, "--state", join(state, "state")]);
  assert.equal(code, 1);
  assert.match(output, /^✖ config-invalid: /);
  assert.match(output, /line 2, listen\.prot: there is no such key; did you mean port\?/);
  assert.match(output, /line 3, sesionsDomain: .*did you mean sessionsDomain\?/);
  assert.doesNotMatch(output, noStack);
});

test("a port in use: refused before anything is begun", async (t) => {
  const state = await stateFolder();
  const other = createServer().listen(0, "127.0.0.1");
  t.after(async () => {
    other.close();
    await removeRemains(state);
  });
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  const { code, output } = await failedStart(["--port", String(port), "--state", state]);
  assert.equal(code, 1);
  assert.match(output, new RegExp(`^✖ port-in-use: [^\n]+\n.*port ${port}`));
  assert.doesNotMatch(output, noStack);
});

test("a state folder that the database's own user cannot reach: refused with the folder that is closed", async (t) => {
  if (!isRoot) return t.skip("only a portal of root has other users");
  const scratch = await stateFolder();
  t.after(() => removeRemains(scratch));
  const closed = join(scratch, "closed");
  mkdirSync(closed, { mode: 0o700 });
  const { code, output } = await failedStart([
    "--port",
    String(await freePort()),
    "--state",
    join(closed, "state"),
  ]);
  assert.equal(code, 1);
  assert.match(output, /✖ state-unwritable: /);
  assert.ok(output.includes(`${closed} is closed to them`) && output.includes(`chmod o+x ${closed}`), output);
  assert.doesNotMatch(output, noStack);
});

test("started twice at once on one state folder: one runs, the other is told which has it", async () => {
  const state = await stateFolder();
  const starts = await Promise.all(
    [1, 2].map(async () => {
      const one = portalOn(await freePort(), state, ["--state", state]);
      const failure = await one.start().then(
        () => null,
        (error: Error) => error.message,
      );
      return { one, failure };
    }),
  );
  portal = starts.find(({ failure }) => failure === null)?.one;
  assert.ok(portal !== undefined, "neither runs");
  const failures = starts.flatMap(({ failure }) => (failure === null ? [] : [failure]));
  assert.equal(failures.length, 1);
  assert.match(failures[0] ?? "", /^ended with 1 .*\n[\s\S]*✖ state-in-use: [^\n]+\n.*in use by process \d+/);
  assert.doesNotMatch(failures[0] ?? "", noStack);
  assert.equal((await fetch(`${portal.url}/readyz`)).status, 200);
});

test("on IPv4 and IPv6 loopback alike", async () => {
  const { port } = running();
  for (const host of ["127.0.0.1", "[::1]"]) {
    const answer = await fetch(`http://${host}:${port}/healthz`).catch((error: Error) => error);
    if (answer instanceof Error) assert.match(String(answer.cause), /EADDRNOTAVAIL|ENETUNREACH|EAFNOSUPPORT/);
    else assert.deepEqual(await answer.json(), { alive: true });
  }
});

test("a body of 10 MB, one that is no JSON, one of the wrong shape: the client is told, and it is no 5xx", async () => {
  pi = await logIn(running().url, "pi");
  const post = async (body: string) => {
    const headers = { "content-type": "application/json" };
    const answer = await pi.fetch("/api/v1/sessions", { method: "POST", headers, body });
    assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
    return { status: answer.status, problem: (await answer.json()) as Record<string, unknown> };
  };
  const large = await post(JSON.stringify({ environment: "x".repeat(10_000_000) }));
  assert.deepEqual([large.status, large.problem["code"]], [413, "request-too-large"]);
  const noJson = await post("{ environment: ");
  assert.deepEqual([noJson.status, noJson.problem["code"]], [400, "malformed-request"]);
  const wrong = await post(JSON.stringify({ environment: 7, datasets: "all", colour: "red" }));
  assert.deepEqual([wrong.status, wrong.problem["code"]], [400, "malformed-request"]);
  const fields = wrong.problem["errors"] as { path: string; message: string }[];
  const named = fields.map(({ path, message }) => `${path} ${message}`).join("\n");
  for (const field of ["environment", "datasets", "colour"]) assert.match(named, new RegExp(field));
});

test("R22 R113 SIGTERM ends it with 0 within 5 s and leaves sessions running; the next start finds them", async () => {
  session = await startedSession(pi);
  inside = await enter(running().url, pi, session);
  assert.equal((await inside.ask("/api/status")).status, 200);
  const began = performance.now();
  assert.equal(await running().stop(), 0);
  const seconds = (performance.now() - began) / 1000;
  assert.ok(seconds < 5, `it took ${seconds} s`);
  const left = processesOf(running().state);
  assert.ok(
    left.some(({ words }) => words.includes(session)),
    "the session was ended with the portal",
  );
  assert.ok(!left.some(({ words }) => words.includes("/bin/postgres")), "the database was left running");
  await running().start();
  assert.equal((await pi.call("getSession", { id: session })).phase, "running");
  assert.equal((await inside.ask("/api/status")).status, 200);
});

test("R22 PostgreSQL killed under it: told as such while it is away, and back by itself with nothing lost", async () => {
  const { url, state } = running();
  const database = join(state, "database");
  const ready = async () => {
    const answer = await fetch(`${url}/readyz`);
    return { status: answer.status, body: (await answer.json()) as { parts: Part[] } };
  };
  const postmaster = postmasterOf(database);
  process.kill(postmaster, "SIGKILL");
  // As long as its folder is away it cannot be started again: what the portal says meanwhile can be looked at.
  renameSync(database, `${database}-away`);
  const down = await until("/readyz to tell", async () => {
    const now = await ready();
    return now.status === 503 ? now : null;
  });
  assert.equal(down.body.parts.find(({ name }) => name === "database")?.up, false);
  const refused = await pi.fetch("/api/v1/sessions");
  assert.equal(refused.status, 503);
  assert.equal(((await refused.json()) as { code: string }).code, "database-unavailable");
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  renameSync(`${database}-away`, database);
  await until("the portal to be ready again", async () => (await ready()).status === 200);
  assert.equal((await pi.call("getSession", { id: session })).phase, "running");
  assert.notEqual(postmasterOf(database), postmaster);
  assert.equal((await inside.ask("/api/status")).status, 200);
});

test("a session's process killed from outside: the session fails, with why and what to do", async () => {
  const folder = join(running().state, "compute/local/sessions", `${session}.1`);
  const { pid } = JSON.parse(readFileSync(join(folder, "sandbox.json"), "utf8")) as { pid: number };
  process.kill(pid, "SIGKILL");
  const failed = await until("its end", async () => {
    const found = await pi.call("getSession", { id: session });
    return found.phase === "failed" ? found : null;
  });
  assert.equal(failed.cause?.code, "killed");
  assert.match(failed.cause?.next ?? "", /your files are kept/);
  const page = await until("its origin to tell", async () => {
    const { body } = await inside.ask("/lab", { headers: { accept: "text/html" } });
    return body.includes("The session has ended") ? body : null;
  });
  assert.match(page, /killed/);
});

function postmasterOf(database: string): number {
  return Number(readFileSync(join(database, "postmaster.pid"), "utf8").split("\n")[0]);
}

const software = softwareFolderOf();
/** Somebody with a name and no rights: PostgreSQL asks for the name. */
const nobody = 65_534;

test("`npm start` as an ordinary user, with an empty home on a long path, from another folder", async (t) => {
  const account = isRoot ? nobody : undefined;
  const why = account === undefined ? null : whyClosed(account);
  if (why !== null) return t.skip(why);
  const scratch = await stateFolder();
  const home = join(scratch, "a-long-way".repeat(8), "down".repeat(20));
  mkdirSync(home, { recursive: true });
  if (account !== undefined) chownSync(home, account, account);
  const state = join(home, ".local/state/endstation");
  const own = portalOn(await freePort(), state, [], {
    program: ["npm", "--prefix", root, "--silent", "start", "--"],
    env: {
      HOME: home,
      ENDSTATION_SOFTWARE: software,
      ENDSTATION_STATE: undefined,
      XDG_RUNTIME_DIR: undefined,
    },
    ...(account === undefined ? {} : { account }),
  });
  t.after(async () => {
    await removePortal(own);
    await removeRemains(scratch);
  });
  await own.start();
  assert.equal(statSync(join(state, "database")).uid, account ?? process.getuid?.());
  const person = await logIn(own.url, "pi");
  const id = await startedSession(person);
  const within = await enter(own.url, person, id);
  assert.equal((await within.ask("/api/status")).status, 200);
  await person.call("stopSession", { id });
  await until("its end", async () => (await person.call("getSession", { id })).phase === "stopped");
  assert.equal(await own.stop(), 0);
  await until("everything to have ended", async () => processesOf(scratch).length === 0);
});

/** Null where that user can go to the checkout and to the software that has been built. */
function whyClosed(account: number): string | null {
  const visit = ["-c", 'cd "$1" && cd "$2"', "sh", root, software];
  const ran = spawnSync("/bin/sh", visit, { uid: account, gid: account, cwd: "/" });
  return ran.status === 0 ? null : "the checkout or the software folder lies where other users cannot enter";
}

interface Part {
  readonly name: string;
  readonly up: boolean;
}

function running(): RunningPortal {
  return portal ?? assert.fail("no portal runs");
}
