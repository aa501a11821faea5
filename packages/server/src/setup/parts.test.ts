import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { EndstationError } from "@endstation/core";
import { pino } from "pino";
import { type Config, readConfig } from "../config/index.ts";
import { ensureDatabase } from "./database.ts";
import { demandSpace, makeFolders } from "./folders.ts";
import { ensureIsolation, type Machine } from "./isolation.ts";
import { type Progress, progressPrinter, step } from "./progress.ts";
import { ensureArchive, ensureEnvironments } from "./software.ts";
import { buildWeb } from "./web.ts";

const root = mkdtempSync("/tmp/es-setup-");
chmodSync(root, 0o755);
after(() => rmSync(root, { recursive: true, force: true }));
const checkout = resolve(import.meta.dirname, "../../../..");
const log = pino({ level: "silent" });
const quiet = () => {};
const isRoot = process.getuid?.() === 0;
const needsRoot = isRoot ? false : "needs root";

let count = 0;
function scratch(): string {
  count += 1;
  const folder = join(root, String(count));
  mkdirSync(folder);
  return folder;
}

function configOf(folder: string, text = "", env: Record<string, string> = {}): Config {
  const file = join(folder, "endstation.yaml");
  writeFileSync(file, text);
  const folders = { ENDSTATION_STATE: join(folder, "state"), ENDSTATION_SOFTWARE: join(folder, "software") };
  return readConfig({ argv: ["--config", file], env: { ...folders, ...env } });
}

async function faultOf(work: () => unknown): Promise<EndstationError> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof EndstationError, String(error));
    return error;
  }
  assert.fail("it did not fail");
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("folders are made with the modes that those need who go through them, whatever the umask", () => {
  const config = configOf(scratch());
  const before = process.umask(0o022);
  makeFolders(config);
  process.umask(before);
  const { stateFolder, softwareFolder, storage } = config;
  assert.deepEqual(
    [stateFolder, join(stateFolder, "logs"), softwareFolder, storage.homes, storage.archive].map(modeOf),
    [isRoot ? "711" : "700", "700", "755", "711", "755"],
  );
});

test("a state folder that cannot be made is named", async () => {
  const folder = scratch();
  const config = configOf(folder);
  writeFileSync(config.stateFolder, "a file");
  const error = await faultOf(() => makeFolders(config));
  assert.equal(error.code, "state-unwritable");
  assert.match(error.detail, /state cannot be used: it is not a folder/);
});

test("a state folder below a home that others cannot enter: the closed folder is named", {
  skip: needsRoot,
}, async () => {
  const home = join(scratch(), "home");
  mkdirSync(home, { mode: 0o700 });
  const error = await faultOf(() => makeFolders(configOf(home)));
  assert.equal(error.code, "state-unwritable");
  assert.match(error.detail, new RegExp(`: ${home} is closed to them$`));
  assert.match(error.next, /--state.*chmod o\+x/);
  chmodSync(home, 0o711);
  makeFolders(configOf(home));
});

/** A file system that is nearly full; null where none can be mounted. */
function smallDisk(mebibytes: number): string | null {
  const folder = scratch();
  const ran = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=755`, "tmpfs", folder]);
  if (ran.status !== 0) return null;
  after(() => spawnSync("umount", ["-l", folder]));
  return folder;
}

test("a full disk is told before anything is begun, and when the database is made", {
  skip: needsRoot,
}, async (context) => {
  const disk = smallDisk(24);
  if (disk === null) {
    context.skip("no small file system can be mounted here");
    return;
  }
  const config = { ...configOf(scratch()), stateFolder: join(disk, "state") };
  makeFolders(config);
  mkdirSync(join(config.softwareFolder, "environments"));
  const early = await faultOf(() => demandSpace(config));
  assert.equal(early.code, "disk-full");
  assert.match(early.detail, /^\d+ MiB are free in .*state; at least that must be 256 MiB$/);
  const late = await faultOf(() => ensureDatabase(config, log));
  assert.equal(late.code, "disk-full");
});

test("R42 a sandbox works on this machine, or it is said why not", async (context) => {
  const { value, detail } = await ensureIsolation({ ...configOf(scratch()), install: false }, quiet);
  if (value === "none") context.skip(detail ?? "");
});

const bare: Machine = {
  isInstalled: () => false,
  command: "apt-get install bubblewrap",
  install: null,
  trySandbox: async () => null,
};

const facility = `identity: { issuer: https://id.example.org, clientId: x }
catalogues: [{ name: a, type: folder, file: /a/facility.yaml }]
`;

test("R42 without bubblewrap the demonstration runs behind a warning with the exact command", async () => {
  const { value, detail } = await ensureIsolation(configOf(scratch()), quiet, bare);
  assert.equal(value, "none");
  assert.match(
    detail ?? "",
    /^WARNING: sessions are not isolated .*install it with: apt-get install bubblewrap$/,
  );
});

test("R42 a configuration for real users refuses to start without a sandbox", async () => {
  const error = await faultOf(() => ensureIsolation(configOf(scratch(), facility), quiet, bare));
  assert.equal(error.code, "sandbox-unavailable");
  assert.match(error.detail, /apt-get install bubblewrap.*an identity provider is configured/);
  const none = `${facility}compute: [{ name: local, type: local, isolation: none }]`;
  assert.equal(
    (await faultOf(() => ensureIsolation(configOf(scratch(), none), quiet))).code,
    "development-only",
  );
  const sandbox = "compute: [{ name: local, type: local, isolation: sandbox }]";
  const demanded = await faultOf(() => ensureIsolation(configOf(scratch(), sandbox), quiet, bare));
  assert.equal(demanded.code, "sandbox-unavailable");
});

test("R42 bubblewrap is installed where that is possible, with a line that says so; --no-install refuses it", async () => {
  const told: string[] = [];
  let installed = false;
  const install = async () => {
    installed = true;
    return null;
  };
  const machine = { ...bare, install, trySandbox: async () => (installed ? null : "it is not there") };
  const config = configOf(scratch());
  assert.equal((await ensureIsolation({ ...config, install: false }, quiet, machine)).value, "none");
  assert.equal(installed, false);
  assert.equal((await ensureIsolation(config, (line) => told.push(line), machine)).value, "sandbox");
  assert.match(
    told.join(),
    /installing the system package bubblewrap \(apt-get install bubblewrap; --no-install/,
  );
  const failing = { ...bare, install: async () => "E: no network" };
  assert.match(
    (await ensureIsolation(config, quiet, failing)).detail ?? "",
    /could not be installed.*E: no network/,
  );
});

/** A Python that is not as it should be: `cases` are those of a shell's `case`, everything else the real one answers. */
function falsePython(cases: string): string {
  const file = join(scratch(), "python3");
  writeFileSync(file, `#!/bin/sh\ncase "$*" in ${cases} esac\nexec /usr/bin/python3 "$@"\n`, { mode: 0o755 });
  return file;
}

test("a Python that is too old is named with its version", async () => {
  const python = falsePython(`*version_info*) echo '[[3,9,1],"/usr"]'; exit 0;;`);
  const error = await faultOf(() => ensureEnvironments(configOf(scratch(), `python: ${python}`), quiet));
  assert.equal(error.code, "python-too-old");
  assert.match(error.detail, new RegExp(`3\\.10.*${python} is 3\\.9\\.1`));
});

test("a Python that can make no environments: the package to install is named", async () => {
  const python = falsePython("*ensurepip*) exit 1;;");
  for (const work of [ensureEnvironments, ensureArchive]) {
    const error = await faultOf(() => work(configOf(scratch(), `python: ${python}`), quiet));
    assert.equal(error.code, "python-venv-missing");
    assert.match(error.next, /apt-get install python3-venv/);
  }
});

test("an environment that is not declared", async () => {
  const error = await faultOf(() => ensureEnvironments(configOf(scratch(), "environments: [nexsu]"), quiet));
  assert.equal(error.code, "environment-unknown");
  assert.match(error.detail, /nexsu/);
});

test("a database elsewhere that does not answer: coded, without its password", async () => {
  const env = { DATABASE_URL: "postgres://portal:hunter2@127.0.0.1:9/endstation" };
  const error = await faultOf(() => ensureDatabase(configOf(scratch(), "", env), log));
  assert.equal(error.code, "database-unavailable");
  assert.match(error.detail, /ECONNREFUSED 127.0.0.1:9/);
  assert.doesNotMatch(`${error.message} ${error.next}`, /hunter2/);
});

test("pages are built once; the same sources are not built again, and two builds at once are one", async () => {
  const softwareFolder = scratch();
  const told: string[] = [];
  const build = () => buildWeb({ checkout, softwareFolder }, (line) => told.push(line));
  const [first, second] = await Promise.all([build(), build()]);
  assert.equal(first.value, second.value);
  assert.ok(existsSync(join(first.value ?? "", "index.html")));
  assert.equal((await build()).value, first.value);
  assert.ok(told.length <= 2);
  assert.equal(readdirSync(softwareFolder).length, 1);
});

test("pages that cannot be built: what the build said, and nothing left", async () => {
  const broken = scratch();
  for (const part of ["index.html", "package.json", "vite.config.ts"])
    cpSync(join(checkout, "packages/web", part), join(broken, "packages/web", part), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(broken, "node_modules"));
  mkdirSync(join(broken, "packages/web/src"));
  writeFileSync(join(broken, "packages/web/src/main.tsx"), "const = ;");
  const softwareFolder = scratch();
  const error = await faultOf(() => buildWeb({ checkout: broken, softwareFolder }, quiet));
  assert.equal(error.code, "software-incomplete");
  assert.match(error.detail, /main.tsx/);
  assert.deepEqual(readdirSync(softwareFolder), []);
  const none = await buildWeb({ checkout: scratch(), softwareFolder }, quiet);
  assert.deepEqual([none.value, none.skipped], [null, true]);
});

test("steps are told with what is done, how it ended, and how long it took", async () => {
  const seen: Progress[] = [];
  const print: string[] = [];
  const printer = progressPrinter((text) => print.push(text));
  const tell = (progress: Progress) => {
    seen.push(progress);
    printer(progress);
  };
  await step(tell, "One", (say) => {
    say("half");
    return { value: 1, detail: "whole" };
  });
  await step(tell, "Two", () => ({ value: null, skipped: true }));
  await assert.rejects(
    step(tell, "Three", () => Promise.reject(new Error("no\nmore"))),
    /no/,
  );
  assert.deepEqual(
    seen.map(({ step: name, state }) => `${name} ${state}`),
    ["One running", "One running", "One done", "Two running", "Two skipped", "Three running", "Three failed"],
  );
  assert.deepEqual(
    print.map((line) => line.replace(/\(\d+\.\d s\)/, "(t)")),
    ["… One: half\n", "✔ One: whole (t)\n", "– Two (t)\n", "✖ Three: no (t)\n"],
  );
});
