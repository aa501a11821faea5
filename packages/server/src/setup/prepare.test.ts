import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { EndstationError } from "@endstation/core";
import { Client } from "pg";
import { pino } from "pino";
import { softwareFolderOf } from "../../../../bootstrap/folders.mjs";
import { buildEnvironments } from "../../../../environments/build.mjs";
import { type Config, readConfig } from "../config/index.ts";
import { prepare } from "./prepare.ts";
import type { Progress } from "./progress.ts";

const root = mkdtempSync("/tmp/es-prep-");
chmodSync(root, 0o755);
after(() => rmSync(root, { recursive: true, force: true }));
const log = pino({ level: "silent" });
const checkout = resolve(import.meta.dirname, "../../../..");
// Environments take minutes to build: the usual folder is used, as the portal itself does.
const softwareFolder = softwareFolderOf();

let count = 0;
function stateFolder(): string {
  count += 1;
  const folder = join(root, `state-${count}`);
  mkdirSync(folder, { mode: 0o755 });
  return folder;
}

function configOf(state: string, text = "", env: Record<string, string> = {}): Config {
  const file = join(root, `endstation-${count}.yaml`);
  writeFileSync(file, `environments: [nexus]\n${text}`);
  const given = { HOME: process.env["HOME"], ENDSTATION_SOFTWARE: softwareFolder, ...env };
  return readConfig({ argv: ["--config", file, "--state", state], env: given });
}

async function collecting(config: Config) {
  const steps: Progress[] = [];
  const prepared = await prepare({ config, log, onProgress: (progress) => steps.push(progress) });
  return { prepared, ended: steps.filter(({ state }) => state !== "running") };
}

test("everything is made ready, a second one at once is refused, and the next start has little to do", async () => {
  const state = stateFolder();
  const { prepared, ended } = await collecting(configOf(state));
  try {
    assert.deepEqual(ended.map(({ step, state: how }) => `${step} ${how}`).toSorted(), [
      "Database done",
      "Demonstration data done",
      "Python environments done",
      "Sandbox done",
      "State folder done",
      "Web pages done",
    ]);
    const client = new Client(prepared.database);
    await client.connect();
    await client.query("create table kept as select 7 as n");
    await client.end();
    assert.ok(existsSync(join(prepared.environments["nexus"]?.path ?? "", "bin/python")));
    assert.ok(existsSync(join(prepared.archiveFolder ?? "", "facility.yaml")));
    assert.ok(existsSync(join(prepared.webFolder ?? "", "index.html")));
    await assert.rejects(prepare({ config: configOf(state), log, onProgress: () => {} }), /state-in-use/);
  } finally {
    await prepared.release();
  }
  const again = await collecting(configOf(state));
  const client = new Client(again.prepared.database);
  await client.connect();
  assert.deepEqual((await client.query("select n from kept")).rows, [{ n: 7 }]);
  await client.end();
  await again.prepared.release();
  console.log(`figure: second set-up ${Math.max(...again.ended.map(({ seconds }) => seconds)).toFixed(2)} s`);
});

test("what fails ends what was begun: no database and no lock are left", async () => {
  const state = stateFolder();
  const config = configOf(
    state,
    "demo: false\ncatalogues: [{ name: a, type: folder, file: /a/facility.yaml }]\n",
  );
  const broken = { ...config, environments: ["nothing"] };
  const error = await prepare({ config: broken, log, onProgress: () => {} }).catch(
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof EndstationError, String(error));
  assert.equal(error.code, "environment-unknown");
  assert.equal(existsSync(join(state, "database", "postmaster.pid")), false);
  const { prepared, ended } = await collecting(config);
  assert.equal(prepared.archiveFolder, null);
  assert.equal(ended.find(({ step }) => step === "Demonstration data")?.state, "skipped");
  await prepared.release();
});

test("a PostgreSQL that is given is used, and none of our own is made", async () => {
  const own = await collecting(configOf(stateFolder()));
  const { host, user, database } = own.prepared.database;
  const state = stateFolder();
  const url = `postgres://${user}@/${database}?host=${encodeURIComponent(String(host))}`;
  const { prepared } = await collecting(configOf(state, "", { DATABASE_URL: url }));
  assert.equal(existsSync(join(state, "database")), false);
  const client = new Client(prepared.database);
  await client.connect();
  await client.end();
  await prepared.release();
  await own.prepared.release();
});

const nobody = 65_534;

test("as an ordinary user, on a long path, with software that somebody else has built", async (context) => {
  if (process.getuid?.() !== 0) return context.skip("needs root, to become another user");
  const canEnter = spawnSync("/bin/sh", ["-c", `cd ${checkout} && cd ${softwareFolder}`], {
    uid: nobody,
    gid: nobody,
  });
  if (canEnter.status !== 0) return context.skip("the checkout lies where other users cannot enter");
  await buildEnvironments({ softwareFolder });
  const home = stateFolder();
  chownSync(home, nobody, nobody);
  const state = join(home, "a-long-way".repeat(8), "down".repeat(20));
  const script = `
    import { pino } from "pino";
    import { readConfig } from ${JSON.stringify(join(import.meta.dirname, "../config/index.ts"))};
    import { prepare } from ${JSON.stringify(join(import.meta.dirname, "prepare.ts"))};
    const config = readConfig({ argv: ["--no-install", "--state", ${JSON.stringify(state)}], env: process.env });
    const prepared = await prepare({ config, log: pino({ level: "silent" }), onProgress: ({ step, state, detail }) => {
      if (state !== "running") console.log(step, state, detail);
    } });
    await prepared.release();
    console.log("released");`;
  const env = { PATH: process.env["PATH"], HOME: home, ENDSTATION_SOFTWARE: softwareFolder };
  const words = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script];
  const child = spawn(process.execPath, words, {
    cwd: join(checkout, "packages/server"),
    env,
    uid: nobody,
    gid: nobody,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = (await child.stdout.toArray()).join("");
  assert.match(output, /Database done.*\n?[\s\S]*released/);
  assert.equal(statSync(join(state, "database")).uid, nobody);
});
