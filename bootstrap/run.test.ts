import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCodes } from "../packages/core/src/errors.ts";

const here = import.meta.dirname;
const scratch = mkdtempSync("/tmp/es-boot-");
chmodSync(scratch, 0o755);
after(() => rmSync(scratch, { recursive: true, force: true }));

let count = 0;
function folder(name: string): string {
  count += 1;
  const path = join(scratch, `${count}-${name}`);
  mkdirSync(path, { mode: 0o755 });
  return path;
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

function begin(words: readonly string[], env: Environment, options: { cwd?: string; uid?: number } = {}) {
  const identity = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const child = spawn(process.execPath, words, {
    cwd: options.cwd ?? scratch,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...registryOf(process.env), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...identity,
  });
  return { child, ran: collect(child) };
}

function registryOf(env: Environment): Environment {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => /^(npm_config_|https?_proxy|NODE_EXTRA)/i.test(name)),
  );
}

async function collect(child: ChildProcess): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** A checkout of its own: the bootstrap, a script, and a lock file with these packages. */
function checkout(packages: Readonly<Record<string, string>> = {}): string {
  const path = folder("checkout");
  for (const name of ["run.mjs", "install.mjs", "watch-parent.mjs", "folders.mjs", "lib"])
    cpSync(join(here, name), join(path, "bootstrap", name), { recursive: true });
  const declared = { name: "toy", version: "1.0.0", private: true, type: "module", dependencies: packages };
  writeFileSync(join(path, "package.json"), JSON.stringify(declared));
  const locked = Object.entries(packages).map(([name, version]) => [
    `node_modules/${name}`,
    {
      version,
      integrity: "sha512-AAAA",
    },
  ]);
  const lock = { name: "toy", version: "1.0.0", lockfileVersion: 3, requires: true };
  const entries = Object.fromEntries([
    ["", { name: "toy", version: "1.0.0", dependencies: packages }],
    ...locked,
  ]);
  writeFileSync(join(path, "package-lock.json"), JSON.stringify({ ...lock, packages: entries }));
  writeFileSync(join(path, "script.ts"), script);
  return path;
}

const script = `
const [word, ...rest]: string[] = process.argv.slice(2);
if (word === "wait") {
  process.on("SIGTERM", () => { console.log("told to stop"); process.exit(7); });
  setInterval(() => {}, 1000);
  console.log("waiting", process.pid);
} else {
  console.log(JSON.stringify({ rest, descriptor: process.env["ENDSTATION_PARENT"] ?? null }));
  process.exitCode = Number(word);
}`;

/** Until it has said something. */
async function firstWords({ child, ran }: ReturnType<typeof begin>): Promise<void> {
  const early = ran.then(({ stderr }) => assert.fail(`it ended early: ${stderr}`));
  await Promise.race([once(child.stdout ?? child, "data"), early]);
}

const runOf = (path: string) => join(path, "bootstrap", "run.mjs");

test("a script runs in our place: its words, its output, its exit code; the second start says nothing", async () => {
  const path = checkout();
  const env = { ENDSTATION_SOFTWARE: folder("software") };
  const first = await begin([runOf(path), "script.ts", "5", "--port", "1"], env).ran;
  assert.equal(first.code, 5, first.stderr);
  assert.deepEqual(JSON.parse(first.stdout), { rest: ["--port", "1"], descriptor: null });
  assert.match(first.stderr, /Packages \(\d/);
  const second = await begin([runOf(path), "script.ts", "0"], env, { cwd: "/" }).ran;
  assert.deepEqual([second.code, second.stderr], [0, ""]);
});

test("another lock file: the packages are installed anew", async () => {
  const path = checkout();
  const env = { ENDSTATION_SOFTWARE: folder("software") };
  await begin([runOf(path), "script.ts", "0"], env).ran;
  writeFileSync(
    join(path, "package-lock.json"),
    `${readFileSync(join(path, "package-lock.json"), "utf8")}\n`,
  );
  assert.match((await begin([runOf(path), "script.ts", "0"], env).ran).stderr, /Packages/);
});

test("packages that were installed by hand are taken as they are", async () => {
  const path = checkout({ "left-pad": "1.3.0" });
  mkdirSync(join(path, "node_modules"));
  const installed = { packages: { "node_modules/left-pad": { version: "1.3.0", integrity: "sha512-AAAA" } } };
  writeFileSync(join(path, "node_modules", ".package-lock.json"), JSON.stringify(installed));
  const ran = await begin([runOf(path), "script.ts", "0"], { ENDSTATION_SOFTWARE: folder("software") }).ran;
  assert.deepEqual([ran.code, ran.stderr], [0, ""]);
});

test("twice at once: one installs, the other waits, both run", async () => {
  const path = checkout();
  const env = { ENDSTATION_SOFTWARE: folder("software") };
  const both = await Promise.all([1, 2].map(() => begin([runOf(path), "script.ts", "0"], env).ran));
  for (const ran of both) assert.equal(ran.code, 0, ran.stderr);
});

test("a registry that cannot be reached: a code, npm's own words, and what to check; nothing half made", async () => {
  const path = checkout({ "left-pad": "1.3.0" });
  const env = {
    ENDSTATION_SOFTWARE: folder("software"),
    npm_config_registry: "http://someone:secret@127.0.0.1:9/",
    npm_config_fetch_retries: "0",
    npm_config_cache: folder("cache"),
  };
  const ran = await begin([runOf(path), "script.ts", "0"], env).ran;
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /✖ packages-unavailable: npm ci/);
  assert.match(ran.stderr, /ECONNREFUSED/);
  assert.match(ran.stderr, /npm config get registry/);
  assert.doesNotMatch(ran.stderr, /secret| {4}at /);
  assert.equal(existsSync(join(path, "node_modules", ".endstation")), false);
});

test("signals are passed on, and when it is killed the script is told to stop", async () => {
  const path = checkout();
  const env = { ENDSTATION_SOFTWARE: folder("software") };
  await begin([runOf(path), "script.ts", "0"], env).ran;
  const gentle = begin([runOf(path), "script.ts", "wait"], env);
  await firstWords(gentle);
  gentle.child.kill("SIGTERM");
  assert.equal((await gentle.ran).code, 7);
  const killed = begin([runOf(path), "script.ts", "wait"], env);
  await firstWords(killed);
  killed.child.kill("SIGKILL");
  assert.match((await killed.ran).stdout, /told to stop/);
});

test("a script that is not there is named", async () => {
  const path = checkout();
  const ran = await begin([runOf(path), "nothing.ts"], { ENDSTATION_SOFTWARE: folder("software") }).ran;
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /there is no nothing.ts/);
});

test("a software folder that cannot be written is named", async () => {
  const file = join(folder("files"), "file");
  writeFileSync(file, "");
  const ran = await begin([runOf(checkout()), "script.ts", "0"], { ENDSTATION_SOFTWARE: join(file, "x") })
    .ran;
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /✖ state-unwritable: .*file/);
});

const notRoot = process.getuid?.() === 0 ? false : "needs root, to become another user";

test("an ordinary user without a HOME: folders where the system's list says", { skip: notRoot }, async () => {
  const path = checkout();
  const uid = 65534;
  await begin([runOf(path), "script.ts", "0"], { ENDSTATION_SOFTWARE: folder("software") }).ran;
  const software = folder("own");
  chownSync(software, uid, uid);
  for (const HOME of ["", undefined]) {
    const ran = await begin([runOf(path), "script.ts", "0"], { HOME, ENDSTATION_SOFTWARE: software }, { uid })
      .ran;
    assert.deepEqual([ran.code, ran.stderr], [0, ""]);
  }
});

test("a checkout of somebody else: used as it is, or a clear word when it is not complete", {
  skip: notRoot,
}, async () => {
  const path = checkout();
  const software = folder("own");
  chownSync(software, 65534, 65534);
  const env = { HOME: software, ENDSTATION_SOFTWARE: software };
  const ran = await begin([runOf(path), "script.ts", "0"], env, { uid: 65534 }).ran;
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /✖ state-unwritable: the packages of .* this user cannot write there/);
});

/** Fetches Node as a machine with Node 20 does, with this npm or the given one. */
function fetchNode(software: string, env: Environment = {}) {
  const program = `import { ensureNode } from ${JSON.stringify(join(here, "lib", "node.mjs"))};
    import { fail } from ${JSON.stringify(join(here, "lib", "fail.mjs"))};
    try { console.log(await ensureNode({ softwareFolder: ${JSON.stringify(software)}, version: "20.19.0" })); }
    catch (error) { fail(error); }`;
  return begin(["--input-type=module", "--eval", program], env).ran;
}

test("Node 24 is fetched from the registry, twice at once, whole and for everybody to run", async (context) => {
  const software = folder("software");
  const both = await Promise.all([fetchNode(software), fetchNode(software)]);
  if (both.every((ran) => /packages-unavailable/.test(ran.stderr))) {
    context.skip("the package registry cannot be reached from here");
    return;
  }
  for (const ran of both) assert.equal(ran.code, 0, ran.stderr);
  const node = both[0]?.stdout.trim() ?? "";
  assert.equal(statSync(node).mode & 0o555, 0o555);
  const version = await begin(
    ["-p", `require("child_process").execFileSync(${JSON.stringify(node)}, ["-v"]) + ""`],
    {},
  ).ran;
  assert.match(version.stdout, /^v24\.21\.0/);
  assert.deepEqual(
    readdirSync(software).filter((name) => name !== "npm-cache"),
    ["node-24.21.0"],
  );
});

/** An npm whose registry gives a file of its own. */
function falseNpm(program: string): string {
  const file = join(folder("npm"), "npm-cli.js");
  writeFileSync(file, program);
  return file;
}

test("a registry that gives another file than the one expected is not believed", async () => {
  const software = folder("software");
  const npm = falseNpm(`
    const folder = process.argv[process.argv.indexOf("--pack-destination") + 1];
    require("node:fs").writeFileSync(folder + "/node.tgz", "something else");`);
  const ran = await fetchNode(software, { npm_execpath: npm });
  assert.equal(ran.code, 1);
  assert.match(
    ran.stderr,
    /✖ software-incomplete: the package with Node.js 24.21.0 is not the one that is expected/,
  );
  assert.deepEqual(readdirSync(software), []);
});

test("a fetch that was killed leaves nothing in the way", async () => {
  const software = folder("software");
  const npm = falseNpm("setInterval(() => {}, 1000);");
  const program = `import { ensureNode } from ${JSON.stringify(join(here, "lib", "node.mjs"))};
    await ensureNode({ softwareFolder: ${JSON.stringify(software)}, version: "20.19.0" });`;
  const { child, ran } = begin(["--input-type=module", "--eval", program], { npm_execpath: npm });
  while (readdirSync(software).length === 0) await sleep(20);
  assert.match(readdirSync(software)[0] ?? "", /^\.node-\d+-/);
  const npmProcess = Number(await childOf(child.pid ?? 0));
  child.kill("SIGKILL");
  process.kill(npmProcess, "SIGKILL");
  await ran;
  const failing = falseNpm("process.stderr.write('npm error code ENOSPC'); process.exit(1);");
  const next = await fetchNode(software, { npm_execpath: failing });
  assert.match(next.stderr, /✖ disk-full/);
  assert.deepEqual(readdirSync(software), []);
});

async function childOf(pid: number): Promise<string> {
  for (;;) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    if (children !== "") return children.split(" ")[0] ?? "";
    await sleep(20);
  }
}

test("as root, a Node below a closed home is not used: parts of the portal could not run it", {
  skip: notRoot,
}, async () => {
  const closed = folder("closed");
  copyFileSync(process.execPath, join(closed, "node"));
  const program = `import { ensureNode } from ${JSON.stringify(join(here, "lib", "node.mjs"))};
    console.log(await ensureNode({ softwareFolder: ${JSON.stringify(folder("software"))}, version: "24.21.0", integrity: {} })
      .catch((error) => error.code));`;
  const answer = async () =>
    (await collect(spawn(join(closed, "node"), ["--input-type=module", "--eval", program]))).stdout.trim();
  assert.equal(await answer(), join(closed, "node"));
  chmodSync(closed, 0o700);
  assert.equal(await answer(), "node-too-old");
});

test("npm's words are shown without a stack and without secrets", async () => {
  const npm = falseNpm(
    "console.error('npm error code ENOTFOUND\\nnpm error GET http://u:secret@registry.invalid/x\\nnpm error     at f (x.js:1)'); process.exit(1);",
  );
  const ran = await fetchNode(folder("software"), { npm_execpath: npm });
  assert.match(ran.stderr, /✖ packages-unavailable: npm pack node-linux-.*ENOTFOUND/s);
  assert.match(ran.stderr, /http:..registry.invalid/);
  assert.doesNotMatch(ran.stderr, /secret| {4}at /);
});

test("every code that the bootstrap says is in the catalogue of errors", () => {
  const files = ["run.mjs", ...readdirSync(join(here, "lib")).map((name) => join("lib", name))];
  const text = files.map((name) => readFileSync(join(here, name), "utf8")).join("\n");
  const said = [...text.matchAll(/SetupFault\(\s*"([a-z-]+)"|✖ ([a-z]+-[a-z-]+):/g)].map(
    (match) => match[1] ?? match[2],
  );
  assert.ok(said.length >= 8);
  for (const code of said)
    assert.ok((errorCodes as string[]).includes(code ?? ""), `${code} is not in the catalogue`);
});
