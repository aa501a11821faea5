import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { EndstationError } from "@endstation/core";
import { Client, type PoolConfig } from "pg";
import { pino } from "pino";
import { findPostmaster } from "./embedded/postmaster.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";

const log = pino({ level: "silent" });
const root = mkdtempSync("/tmp/es-pg-");
chmodSync(root, 0o755);
const softwareFolder = join(root, "software");
after(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
function stateFolder(): string {
  count += 1;
  const folder = join(root, `state-${count}`);
  mkdirSync(folder, { mode: 0o755 });
  return folder;
}

async function query(connection: PoolConfig, sql: string): Promise<unknown[]> {
  const client = new Client(connection);
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

async function eventually<T>(work: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + 60_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await sleep(50);
    }
  }
}

test("starts a durable UTF-8 database on a private socket, as a user of its own, and finds it again", async () => {
  const state = stateFolder();
  const first = await startEmbeddedPostgres({ softwareFolder, stateFolder: state, log });
  const settings = "select current_setting('fsync') fsync, current_setting('listen_addresses') listening";
  assert.deepEqual(await query(first.connection, settings), [{ fsync: "on", listening: "" }]);
  assert.deepEqual(await query(first.connection, "select upper('grün') word"), [{ word: "GRÜN" }]);
  await query(first.connection, "create table kept as select 7 as n");
  const socketFolder = String(first.connection.host);
  assert.ok(`${socketFolder}/.s.PGSQL.5432`.length <= 100);
  assert.equal(statSync(socketFolder).mode & 0o777, 0o700);
  if (process.getuid?.() === 0) assert.ok(statSync(join(state, "database")).uid > 60_000);
  await first.stop();
  assert.equal(existsSync(socketFolder), false);
  const second = await startEmbeddedPostgres({ softwareFolder, stateFolder: state, log });
  assert.deepEqual(await query(second.connection, "select n from kept"), [{ n: 7 }]);
  await second.stop();
});

test("R22 PostgreSQL killed under it: told, started again, and what was committed is there", async () => {
  const state = stateFolder();
  const database = await startEmbeddedPostgres({ softwareFolder, stateFolder: state, log });
  const reasons: string[] = [];
  database.onExit((why) => reasons.push(why));
  await query(database.connection, "create table kept (n int)");
  for (let round = 1; round <= 3; round += 1) {
    await query(database.connection, `insert into kept values (${round})`);
    const pid = findPostmaster(join(state, "database"))?.pid ?? 0;
    process.kill(pid, "SIGKILL");
    await eventually(async () => assert.equal(reasons.length, round));
    const rows = await eventually(() => query(database.connection, "select count(*)::int n from kept"));
    assert.deepEqual(rows, [{ n: round }]);
  }
  assert.match(reasons[0] ?? "", /SIGKILL/);
  await database.stop();
});

/** A process that starts the database of a state folder and then waits. */
async function portal(state: string, identity: { uid?: number; gid?: number; env?: NodeJS.ProcessEnv } = {}) {
  const script = `
    import { pino } from "pino";
    import { startEmbeddedPostgres } from ${JSON.stringify(join(import.meta.dirname, "embedded-postgres.ts"))};
    const log = pino({ level: "silent" });
    const options = { softwareFolder: ${JSON.stringify(softwareFolder)}, stateFolder: ${JSON.stringify(state)}, log };
    const database = await startEmbeddedPostgres(options);
    process.on("SIGTERM", () => database.stop().then(() => process.exit(0)));
    console.log(JSON.stringify(database.connection));
    setInterval(() => {}, 1000);`;
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script],
    { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"], ...identity },
  );
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), once(child, "exit")]);
  assert.equal(typeof line, "string", `the process ended early: ${line}`);
  return { child, connection: JSON.parse(String(line)) as PoolConfig };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

test("R22 the portal killed: its PostgreSQL runs on and is taken over by the next", async () => {
  const state = stateFolder();
  const { child, connection } = await portal(state);
  await query(connection, "create table kept as select 7 as n");
  const before = findPostmaster(join(state, "database"))?.pid;
  await kill(child, "SIGKILL");
  const database = await startEmbeddedPostgres({ softwareFolder, stateFolder: state, log });
  assert.equal(findPostmaster(join(state, "database"))?.pid, before);
  assert.deepEqual(await query(database.connection, "select n from kept"), [{ n: 7 }]);
  const reasons: string[] = [];
  database.onExit((why) => reasons.push(why));
  process.kill(before ?? 0, "SIGKILL");
  await eventually(async () => assert.equal(reasons.length, 1));
  await eventually(() => query(database.connection, "select n from kept"));
  await database.stop();
  assert.equal(findPostmaster(join(state, "database")), null);
});

test("R22 portal and PostgreSQL killed at once: leftovers do not hinder the next start", async () => {
  const state = stateFolder();
  const { child, connection } = await portal(state);
  await query(connection, "create table kept as select 7 as n");
  process.kill(findPostmaster(join(state, "database"))?.pid ?? 0, "SIGKILL");
  await kill(child, "SIGKILL");
  const pidFile = join(state, "database", "postmaster.pid");
  const lines = existsSync(pidFile)
    ? readFileSync(pidFile, "utf8").split("\n")
    : ["", join(state, "database")];
  writeFileSync(pidFile, [String(process.pid), ...lines.slice(1)].join("\n"));
  const database = await eventually(() => startEmbeddedPostgres({ softwareFolder, stateFolder: state, log }));
  assert.deepEqual(await query(database.connection, "select n from kept"), [{ n: 7 }]);
  await database.stop();
});

async function faultOf(work: Promise<unknown>): Promise<EndstationError> {
  const error = await work.then(
    () => assert.fail("it did not fail"),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof EndstationError, String(error));
  return error;
}

test("a data folder of another version is refused and left as it is", async () => {
  const state = stateFolder();
  mkdirSync(join(state, "database"));
  writeFileSync(join(state, "database", "PG_VERSION"), "15\n");
  const error = await faultOf(startEmbeddedPostgres({ softwareFolder, stateFolder: state, log }));
  assert.equal(error.code, "database-version");
  assert.match(error.detail, /made by PostgreSQL 15; this is PostgreSQL 18/);
});

test("a folder with somebody's files in it is not touched", async () => {
  const state = stateFolder();
  mkdirSync(join(state, "database"));
  writeFileSync(join(state, "database", "thesis.txt"), "mine");
  const error = await faultOf(startEmbeddedPostgres({ softwareFolder, stateFolder: state, log }));
  assert.match(error.detail, /is not empty \(thesis.txt\)/);
  assert.equal(readFileSync(join(state, "database", "thesis.txt"), "utf8"), "mine");
});

test("a settings file that PostgreSQL refuses: its own words are shown", async () => {
  const state = stateFolder();
  await (await startEmbeddedPostgres({ softwareFolder, stateFolder: state, log })).stop();
  writeFileSync(join(state, "database", "postgresql.conf"), "no_such_setting = 1\n");
  const error = await faultOf(startEmbeddedPostgres({ softwareFolder, stateFolder: state, log }));
  assert.equal(error.code, "database-unavailable");
  assert.match(error.detail, /no_such_setting/);
});

test("a long state folder has a short socket path", async () => {
  const state = join(stateFolder(), "x".repeat(60), "y".repeat(60));
  mkdirSync(state, { recursive: true });
  const database = await startEmbeddedPostgres({ softwareFolder, stateFolder: state, log });
  assert.deepEqual(await query(database.connection, "select 1 as n"), [{ n: 1 }]);
  await database.stop();
});

const asRoot = process.getuid?.() === 0 ? false : "needs root, to become another user";
test("runs as an ordinary user as well, with its socket below XDG_RUNTIME_DIR or /tmp", {
  skip: asRoot,
}, async () => {
  const nobody = Number(spawnSync("id", ["-u", "nobody"], { encoding: "utf8" }).stdout);
  for (const withRuntime of [true, false]) {
    const state = stateFolder();
    const runtime = join(state, "r");
    mkdirSync(runtime);
    for (const path of [state, runtime]) chownSync(path, nobody, nobody);
    const env = { PATH: process.env["PATH"], ...(withRuntime ? { XDG_RUNTIME_DIR: runtime } : {}) };
    const { child, connection } = await portal(state, { uid: nobody, gid: nobody, env });
    assert.equal(
      String(connection.host).startsWith(withRuntime ? runtime : `/tmp/endstation-${nobody}-`),
      true,
    );
    assert.deepEqual(await query(connection, "select 1 as n"), [{ n: 1 }]);
    assert.equal(statSync(join(state, "database")).uid, nobody);
    await kill(child, "SIGTERM");
    assert.equal(existsSync(String(connection.host)), false);
  }
});
