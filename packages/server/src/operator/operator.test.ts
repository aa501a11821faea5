import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { pino } from "pino";
import { softwareFolderOf } from "../../../../bootstrap/folders.mjs";
import { lockState } from "../setup/state-lock.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { startEmbeddedPostgres } from "../store/embedded-postgres.ts";
import { createIdentityStore } from "../store/identity.ts";
import { migrate } from "../store/migrate.ts";

const cli = resolve(import.meta.dirname, "../../../cli/bin/endstation.mjs");
const root = mkdtempSync("/tmp/es-op-");
const state = join(root, "state");
const env = { PATH: process.env["PATH"] ?? "", HOME: root, ENDSTATION_SOFTWARE: softwareFolderOf() };
after(() => rmSync(root, { recursive: true, force: true }));

/** The command as an operator types it. */
function endstation(...words: string[]): Promise<{ exitCode: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", cli, ...words], { env });
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    texts.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    texts.err += text;
  });
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (exitCode) => done({ exitCode, ...texts }));
  });
}

/** As a running portal has it: locked, PostgreSQL up. */
async function whileItRuns<Answer>(
  folder: string,
  work: (database: Database) => Promise<Answer>,
): Promise<Answer> {
  const lock = lockState(folder);
  const log = pino({ level: "silent" });
  const options = { softwareFolder: softwareFolderOf(), stateFolder: folder, log };
  const postgres = await startEmbeddedPostgres(options);
  const database = openDatabase(postgres.connection);
  try {
    await migrate(database);
    return await work(database);
  } finally {
    await database.close();
    await postgres.stop();
    lock.release();
  }
}

async function whoHas(database: Database, token: string) {
  const principal = await createIdentityStore(database).findToken(token.trim(), Date.now());
  return principal === null ? null : { account: principal.account, scopes: principal.scopes };
}

const identity = { issuer: "https://issuer.example", subject: "1", account: "pi", name: "P I", email: null };

before(async () => {
  chmodSync(root, 0o711);
  mkdirSync(state, { mode: 0o711 });
  await whileItRuns(state, async (database) => {
    await createIdentityStore(database).signIn({ ...identity, roles: [] }, Date.now());
    await database.pool.query(
      "insert into hints (resource, subject, version) select 'session', 's-' || n, n from generate_series(1, 1200) n",
    );
  });
});

test("token create makes a token while the portal is down, and while it runs", async () => {
  const down = await endstation("token", "create", "pi", "--state", state);
  assert.equal(down.exitCode, 0, down.err);
  assert.match(down.out, /^est_\w+\n$/);
  await whileItRuns(state, async (database) => {
    assert.deepEqual(await whoHas(database, down.out), { account: "pi", scopes: ["read", "sessions"] });
    const words = ["--scope", "admin", "--days", "1", "--json"];
    const up = await endstation("token", "create", "pi", "--state", state, ...words);
    assert.equal(up.exitCode, 0, up.err);
    const made = JSON.parse(up.out) as { token: string; expiresAt: string };
    assert.ok(Date.parse(made.expiresAt) < Date.now() + 25 * 3_600_000);
    assert.deepEqual(await whoHas(database, made.token), { account: "pi", scopes: ["admin"] });
    const nobody = await endstation("token", "create", "nobody", "--state", state);
    assert.deepEqual([nobody.exitCode, nobody.out], [1, ""]);
    assert.match(nobody.err, /✖ account-unknown: [\s\S]*"nobody"/);
  });
});

test("token create with a wrong scope, or in a folder without a database", async () => {
  assert.equal((await endstation("token", "create", "pi", "--state", state, "--scope", "root")).exitCode, 2);
  const nowhere = await endstation("token", "create", "pi", "--state", join(root, "nowhere"), "--json");
  assert.equal(nowhere.exitCode, 1);
  assert.equal((JSON.parse(nowhere.err) as { code: string }).code, "database-unavailable");
});

test("config check says what is wrong, with its line, or what holds", async () => {
  const file = join(root, "endstation.yaml");
  writeFileSync(file, "listen:\n  prot: 8080\n");
  const wrong = await endstation("config", "check", file);
  assert.deepEqual([wrong.exitCode, wrong.out], [1, ""]);
  assert.match(wrong.err, /config-invalid[\s\S]*line 2[\s\S]*prot[\s\S]*port/);
  writeFileSync(file, "listen:\n  port: 8123\n");
  const right = await endstation("config", "check", file);
  assert.equal(right.exitCode, 0, right.err);
  assert.match(right.out, /has no mistakes[\s\S]*http:\/\/localhost:8123/);
});

test("doctor looks at every part and changes nothing", async () => {
  const { exitCode, out, err } = await endstation("doctor", "--state", state, "--json");
  const { healthy, findings } = JSON.parse(out) as {
    healthy: boolean;
    findings: { part: string; state: string }[];
  };
  assert.deepEqual([exitCode === 0, err], [healthy, ""]);
  assert.deepEqual(
    findings.map(({ part }) => part),
    ["Who may log in", "Disk space", "Database", "Sandbox", "Python environments", "Portal"],
  );
  assert.equal(findings.find(({ part }) => part === "Database")?.state, "fine");
});

test("doctor names what is broken and ends with 1", async () => {
  const file = join(root, "public.yaml");
  writeFileSync(file, "listen: { host: 0.0.0.0 }\n");
  const { exitCode, out } = await endstation("doctor", "--state", join(root, "fresh"), "--config", file);
  assert.equal(exitCode, 1);
  assert.match(out, /✖ Who may log in: development-only/);
});

test("a backup is whole, its owner's only, and is read back into a new state folder only", async () => {
  const file = join(root, "portal.backup");
  const token = await whileItRuns(state, async () => {
    const made = await endstation("token", "create", "pi", "--state", state);
    const written = await endstation("backup", file, "--state", state);
    assert.equal(written.exitCode, 0, written.err);
    const nowhere = await endstation("backup", join(root, "no/such/folder/x"), "--state", state);
    assert.deepEqual([nowhere.exitCode, /state-unwritable/.test(nowhere.err)], [1, true]);
    const under = await endstation("restore", file, "--state", state);
    assert.deepEqual([under.exitCode, /state-in-use/.test(under.err)], [1, true]);
    return made.out;
  });
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!gunzipSync(readFileSync(file)).includes(token.trim()));
  const fresh = join(root, "restored");
  const restored = await endstation("restore", file, "--state", fresh);
  assert.equal(restored.exitCode, 0, restored.err);
  await whileItRuns(fresh, async (database) => {
    assert.deepEqual(await whoHas(database, token), { account: "pi", scopes: ["read", "sessions"] });
    const { rows } = await database.pool.query("select count(*)::int as count from hints");
    assert.deepEqual(rows, [{ count: 1200 }]);
    const added = await database.pool.query(
      "insert into hints (resource, subject, version) values ('session', 's', 1) returning id",
    );
    assert.deepEqual(added.rows, [{ id: 1201 }]);
  });
  const again = await endstation("restore", file, "--state", fresh);
  assert.equal(again.exitCode, 1);
  assert.match(again.err, /there is a database already/);
});

test("a backup that is cut off, foreign or of a later version is refused before anything is made", async () => {
  const text = gunzipSync(readFileSync(join(root, "portal.backup"))).toString();
  const damaged: readonly (readonly [code: string, content: Buffer])[] = [
    ["file-unreadable", gzipSync(text.split("\n").slice(0, -5).join("\n"))],
    ["file-unreadable", readFileSync(join(root, "portal.backup")).subarray(0, 2000)],
    ["file-unreadable", Buffer.from("hello")],
    ["file-unreadable", gzipSync("hello\n")],
    ["database-version", gzipSync(text.replace("0002-identity.sql", "0002-other.sql"))],
  ];
  for (const [code, content] of damaged) {
    const broken = join(root, "broken.backup");
    writeFileSync(broken, content);
    const folder = join(root, "not-made");
    const { exitCode, err } = await endstation("restore", broken, "--state", folder);
    assert.equal(exitCode, 1, code);
    assert.match(err, new RegExp(`✖ ${code}`));
    assert.equal(existsSync(folder), false);
  }
});
