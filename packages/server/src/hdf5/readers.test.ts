import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { demonstrationFacility, temporaryFolder, testReaders } from "../testing/archive.ts";
import type { Isolation } from "./confinement.ts";
import { createTurns } from "./turns.ts";

const never = new AbortController().signal;

async function lrmecs(): Promise<string> {
  return join(dirname(await demonstrationFacility()), "ipns-2001-mgb2/lrmecs-3701-mgb2-8k");
}

for (const only of ["bubblewrap", "permission-model"] satisfies Isolation[])
  test(`R66 a real file is read in a process confined by ${only}`, async (context) => {
    const readers = await testReaders({ only });
    const isolation = await readers.isolation().catch(() => null);
    if (isolation === null && only === "bubblewrap")
      return context.skip("bubblewrap cannot be used on this machine");
    assert.equal(isolation, only);
    const found = await readers.read({ folder: await lrmecs(), files: ["chopper.nxs"], urgent: true }, never);
    const reading = found.get("chopper.nxs");
    assert.equal(reading?.problem, null);
    assert.match(reading?.title ?? "", /^MgB2 PDOS/);
    assert.equal(reading?.startTime, "2001-02-07T08:54:21-0600");
    assert.equal(reading?.instrument, "LRMECS");
    const { plot } = reading as NonNullable<typeof reading>;
    assert.ok(plot.shape === "image" && plot.width === 200 && plot.height === 148);
    const most = Math.max(...plot.values.map((value) => value ?? 0));
    assert.ok(most > 10 && plot.scale === "log");
  });

test("R66 compressed data are read with the plugins, and the frame is reduced", async () => {
  const folder = join(dirname(await demonstrationFacility()), "aps-2022-gisaxs/aps-2022-gisaxs");
  const readers = await testReaders();
  const found = await readers.read({ folder, files: ["S2p5min_00070_00001.h5"], urgent: true }, never);
  const plot = found.get("S2p5min_00070_00001.h5")?.plot;
  assert.ok(plot?.shape === "image" && plot.width === 200 && plot.height === 200);
  assert.ok(plot.values.filter((value) => value !== null).length > 30_000);
});

test("R66 curves have their axes with names and units; fill values of missing files are never drawn", async () => {
  const archive = dirname(await demonstrationFacility());
  const readers = await testReaders();
  const read = async (folder: string, file: string) =>
    (await readers.read({ folder: join(archive, folder), files: [file], urgent: true }, never)).get(file)
      ?.plot;
  const spheres = await read("nsls-1998-spheres/nsls-1998-polystyrene-spheres", "1998spheres.h5");
  assert.ok(spheres?.shape === "curve" && spheres.x.values.length <= 500);
  assert.deepEqual(
    [spheres.x.label, spheres.x.unit, spheres.x.scale, spheres.y.scale],
    ["Q", "1/A", "log", "log"],
  );
  const thermolysin = await read(
    "diamond-2019-thermolysin/diamond-2019-therm-6-2",
    "DLS_i03_i04_NXmx_Therm_6_2.nxs",
  );
  assert.deepEqual(thermolysin, {
    shape: "none",
    why: "its values are in files that are not here: Therm_6_2_000001.h5",
  });
});

/** A reader in place of Node that does what it is told once it has a file to read: a stand-in for one that was taken over. */
async function wicked(deed: string): Promise<{ readonly node: string; readonly folder: string }> {
  const folder = await temporaryFolder("wicked");
  await chmod(folder, 0o755);
  await mkdir(join(folder, "data"), { mode: 0o755 });
  await writeFile(join(folder, "data/a.h5"), "x");
  const script = `#!/bin/sh
job=$(cat)
echo '{"ready":true}'
case "$job" in *'"files":[]'*) exit 0 ;; esac
echo '{"begin":"a.h5"}'
${deed}
`;
  await writeFile(join(folder, "node"), script, { mode: 0o755 });
  return { node: join(folder, "node"), folder: join(folder, "data") };
}

const deeds: readonly (readonly [what: string, deed: string, said: RegExp])[] = [
  ["hangs", "sleep 600", /more than 1.5 s and was stopped/],
  ["hangs with children", "sleep 601 | sleep 602", /more than 1.5 s and was stopped/],
  ["crashes", "kill -SEGV $$", /made the reader crash/],
  ["ends early", "exit 3", /made the reader crash/],
  ["writes no JSON", "echo hello", /gives more than can be shown/],
  ["never ends a line", "exec tr '\\\\0' x </dev/zero", /gives more than can be shown|made the reader crash/],
  ["speaks of another file", 'echo \'{"path":"b.h5","reading":{}}\'', /gives more than can be shown/],
  [
    "adds what is no reading",
    'echo \'{"path":"a.h5","reading":{"problem":null,"evil":1}}\'',
    /gives more than can be shown/,
  ],
  ["uses all the computing time it gets", "kill -XCPU $$", /more computing time/],
];

for (const [what, deed, said] of deeds)
  test(`a reader that ${what} is ended, and its file has a problem`, async () => {
    const { node, folder } = await wicked(deed);
    const readers = await testReaders({ node, perFileMs: 1500 });
    const start = performance.now();
    const found = await readers.read({ folder, files: ["a.h5"], urgent: true }, never);
    assert.match(found.get("a.h5")?.problem ?? "", said);
    assert.ok(performance.now() - start < 30_000);
    await assertNoneLeft(folder);
  });

test("a reading that nobody waits for any more is ended", async () => {
  const { node, folder } = await wicked("sleep 603");
  const readers = await testReaders({ node });
  const gone = new AbortController();
  setTimeout(() => gone.abort(), 500);
  await assert.rejects(readers.read({ folder, files: ["a.h5"], urgent: true }, gone.signal), {
    name: "Unavailable",
  });
  await assertNoneLeft(folder);
});

test("where no reader can be started that is said, and tried again the next time", async () => {
  const readers = await testReaders({ node: "/nonexistent/node" });
  const request = { folder: await lrmecs(), files: ["chopper.nxs"], urgent: true };
  for (const _ of [1, 2]) await assert.rejects(readers.read(request, never), { name: "Unavailable" });
});

test("a folder that is not there is a refusal to start, not a crash", async () => {
  const readers = await testReaders();
  await readers.isolation();
  const request = { folder: "/nonexistent/folder", files: ["a.h5"], urgent: true };
  const found = await readers.read(request, never).catch((error: Error) => error.name);
  assert.ok(found === "Unavailable" || (found instanceof Map && found.get("a.h5")?.problem !== null));
});

test("readers see neither the network nor files of others nor the environment (bubblewrap)", async (context) => {
  const { node, folder } = await wicked("");
  const told = await temporaryFolder("seen");
  await cp(node, join(told, "node"));
  const deed = `seen=$(ls / | tr '\\n' ' '; echo "env:" $(env | cut -d= -f1 | sort | tr '\\n' ' '); echo "net:" $(tail -n +3 /proc/net/dev 2>/dev/null | wc -l); id -u)
touch /data/x 2>/dev/null && seen="$seen WRITTEN"
touch /tmp/x 2>/dev/null && seen="$seen WRITTEN"
printf '{"path":"a.h5","reading":{"problem":"%s","remarks":[],"title":null,"startTime":null,"endTime":null,"instrument":null,"definitions":[],"sample":null,"parameters":[],"plot":{"shape":"none","why":""}}}\\n' "$(echo $seen)"
exit 0`;
  const script = (await readFile(node, "utf8")).replace(/\n\n?$/, `\n${deed}\n`);
  await writeFile(node, script, { mode: 0o755 });
  const readers = await testReaders({ node, only: "bubblewrap" });
  if ((await readers.isolation().catch(() => null)) === null)
    return context.skip("bubblewrap cannot be used on this machine");
  const seen =
    (await readers.read({ folder, files: ["a.h5"], urgent: true }, never)).get("a.h5")?.problem ?? "";
  assert.match(seen, /^[a-z0-9 ]*data [a-z0-9 ]*reader [a-z0-9 ]*usr /);
  for (const hidden of ["etc", "home", "root", "proc", "var", "tmp", "sys", "dev"])
    assert.doesNotMatch(seen, new RegExp(`\\b${hidden}\\b`), hidden);
  assert.match(seen, /env: HDF5_USE_FILE_LOCKING (OLDPWD )?PWD TZ (_ )?net: 0/);
  assert.doesNotMatch(seen, /WRITTEN/);
  if (process.getuid?.() === 0) assert.match(seen, / 59907$/);
});

test("turns: so many at once, the urgent ones first, a full queue refuses, who leaves gives up the place", async () => {
  const turns = createTurns(1, 2);
  const order: string[] = [];
  const gates: (() => void)[] = [];
  const work = (name: string) => () =>
    new Promise<void>((resolve) => {
      order.push(name);
      gates.push(resolve);
    });
  const gone = new AbortController();
  const first = turns.take(false, never, work("first"));
  const patient = turns.take(false, never, work("patient"));
  const leaving = turns.take(false, gone.signal, work("leaving"));
  await assert.rejects(turns.take(false, never, work("too many")), { name: "Unavailable" });
  const urgent = turns.take(true, never, work("urgent"));
  gone.abort();
  await assert.rejects(leaving, { name: "Unavailable" });
  for (const done of [first, urgent, patient]) {
    await new Promise((resolve) => setImmediate(resolve));
    gates.shift()?.();
    await done;
  }
  assert.deepEqual(order, ["first", "urgent", "patient"]);
});

/** No process is left that has the folder among its arguments. */
async function assertNoneLeft(folder: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(
      processes.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")),
    );
    const sleeping = lines.filter((line) => line.includes(folder) || line.startsWith("sleep\u000060"));
    if (sleeping.length === 0) return;
    assert.ok(Date.now() < deadline, `left: ${sleeping.join(" | ")}`);
    execFileSync("sleep", ["0.1"]);
  }
}
