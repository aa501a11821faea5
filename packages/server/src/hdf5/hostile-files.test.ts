import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import h5wasm, { type File, type Group } from "h5wasm/node";
import { demonstrationFacility, testHdf5Service, testReaders } from "../testing/archive.ts";
import type { Isolation } from "./confinement.ts";
import { everything, mostMemoryBelow, type Said, said } from "./hostile-testing.ts";
import { limits } from "./limits.ts";
import { randomFrom, spoilt } from "./mutations-testing.ts";
import type { Readers } from "./readers.ts";
import type { FileReading } from "./reading.ts";
import { readerLine } from "./reading-schema.ts";
import type { RunningHdf5Service } from "./service.ts";

/** 1,000 spoilt copies of each file with `--full` (or ENDSTATION_FULL=1), 50 without. */
const isFull = process.argv.includes("--full") || process.env["ENDSTATION_FULL"] === "1";
const copies = isFull ? 1000 : 50;
const seed = Number(process.env["ENDSTATION_SEED"] ?? 20_260_115);

const never = new AbortController().signal;
const secretNumber = 424_242.5;
const secretText = "the-secret-of-another-proposal";

/** A way to have two files read, of which the second is sound. */
interface Way {
  readonly name: string;
  read(folder: string, files: readonly string[]): Promise<ReadonlyMap<string, FileReading>>;
}

const ways: Way[] = [{ name: "the second wall alone", read: readUnconfined }];

/** The service that stays, confined in every way that this machine has. */
const services: RunningHdf5Service[] = [];

after(() => {
  for (const service of services) service.close();
});

before(async () => {
  await h5wasm.ready;
  for (const only of ["bubblewrap", "permission-model"] satisfies Isolation[]) {
    const readers = await testReaders({ only, perFileMs: 60_000 });
    const read: Way["read"] = (folder, files) => readers.read({ folder, files, urgent: true }, never);
    if ((await readers.isolation().catch(() => null)) === null) continue;
    ways.push({ name: only, read });
    services.push(await testHdf5Service({ only }));
  }
  assert.ok(ways.length > 1);
});

/** A dataset's folder beside a folder with a secret that no file of the dataset may bring to light. */
async function withDataset(run: (folder: string, root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "est-hostile-"));
  await chmod(root, 0o755);
  await mkdir(join(root, "data"));
  await mkdir(join(root, "secret"));
  await writeFile(join(root, "secret/secret.txt"), secretText);
  const secret = new h5wasm.File(join(root, "secret/secret.h5"), "w");
  secret.create_dataset({ name: "values", data: new Float64Array(100).fill(secretNumber) });
  secret.create_dataset({ name: "title", data: secretText });
  secret.close();
  try {
    await run(join(root, "data"), root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** A file with an entry and a default plot, made by `fill`. */
function make(path: string, fill: (file: File, entry: Group, data: Group) => void): void {
  const file = new h5wasm.File(path, "w");
  const entry = file.create_group("entry");
  entry.create_attribute("NX_class", "NXentry");
  const data = entry.create_group("data");
  data.create_attribute("NX_class", "NXdata");
  data.create_attribute("signal", "data");
  fill(file, entry, data);
  file.close();
}

async function readOne(way: Way, folder: string, name: string): Promise<FileReading> {
  const found = await way.read(folder, [name, "sound.h5"]);
  assert.equal(found.get("sound.h5")?.title, "a sound file", `${name} took the file beside it along`);
  return found.get(name) as FileReading;
}

/** The reader's program as this very account, kept from nothing but by itself: a process for each file. */
async function readUnconfined(
  folder: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, FileReading>> {
  const plugins = join(dirname(fileURLToPath(import.meta.resolve("h5wasm-plugins"))), "plugins");
  const main = join(import.meta.dirname, "worker/main.ts");
  const readings = files.map((file) => {
    const input = JSON.stringify({ root: folder, plugins, files: [file] });
    const { stdout } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", main], {
      input,
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
      encoding: "utf8",
    });
    const last = readerLine(stdout.trimEnd().split("\n").at(-1) ?? "");
    assert.ok(last !== null && "reading" in last, `${file}: ${stdout.slice(-300)}`);
    return [file, last.reading] as const;
  });
  return new Map(readings);
}

function assertNoSecret(reading: FileReading, what: string): void {
  assertNoSecretIn(JSON.stringify(reading), what);
}

/** All that the service says about a file, with nothing of others in it, and the file beside it still answered for. */
async function assertServed(folder: string, name: string, what: string): Promise<void> {
  for (const service of services) {
    const start = performance.now();
    for (const one of await everything(service, folder, name)) assertHarmless(one, what);
    const beside = await said(service, folder, "sound.h5", { call: "data", path: "/entry/title" });
    assert.deepEqual("bytes" in beside ? String(beside.bytes) : beside, '"a sound file"', what);
    if (performance.now() - start > 30_000)
      console.log(`figure: ${what}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
  const most = mostMemoryBelow();
  assert.ok(most <= limits.memoryKiB * 1024, `${what}: ${most} bytes`);
}

const secretBytes = Buffer.from(new Float64Array([secretNumber]).buffer);

function assertHarmless(one: Said, what: string): void {
  if ("code" in one) {
    assertNoSecretIn(one.detail, what);
    return;
  }
  assert.ok(!one.bytes.includes(secretBytes), what);
  assertNoSecretIn(one.bytes.subarray(0, 1_000_000).toString("latin1"), what);
}

function assertNoSecretIn(text: string, what: string): void {
  for (const secret of [secretText, String(secretNumber), "424242", "424243", "root:x:0", "/bin/bash"])
    assert.ok(!text.includes(secret), `${what} brought to light: ${text.slice(0, 500)}`);
  // The first bytes of /etc/passwd as numbers: r o o t :
  assert.ok(!/114,111,111,116/.test(text), what);
}

/** Runs `check` on the reading of one hostile file in every way of confining that this machine has. */
function hostile(
  what: string,
  name: string,
  prepare: (path: string, root: string) => void | Promise<void>,
  check: (reading: FileReading) => void,
): void {
  test(`hostile file: ${what}`, () =>
    withDataset(async (folder, root) => {
      make(join(folder, "sound.h5"), (_, entry, data) => {
        entry.create_dataset({ name: "title", data: "a sound file" });
        data.create_dataset({ name: "data", data: [1, 2, 3] });
      });
      await prepare(join(folder, name), root);
      for (const way of ways) {
        const reading = await readOne(way, folder, name);
        assertNoSecret(reading, `${way.name}: ${what}`);
        check(reading);
      }
      await assertServed(folder, name, what);
    }));
}

const anything = () => {};
const noPlot = (reading: FileReading) => assert.equal(reading.plot.shape, "none");
const aProblem = (said: RegExp) => (reading: FileReading) => assert.match(reading.problem ?? "", said);

hostile(
  "external links out, relative and absolute, to a file and to a path in it",
  "links.h5",
  (path, root) =>
    make(path, (_, entry, data) => {
      data.create_external_link("../secret/secret.h5", "values", "data");
      entry.create_external_link(join(root, "secret/secret.h5"), "title", "title");
      entry.create_external_link("/etc/passwd", "/", "passwd");
      entry.create_external_link("../../../../../../etc/hostname", "/", "hostname");
    }),
  (reading) => {
    noPlot(reading);
    assert.match(reading.remarks.join(), /not here/);
  },
);

hostile(
  "an external link to a symbolic link that leads out",
  "link-to-link.h5",
  async (path, root) => {
    await symlink(join(root, "secret/secret.h5"), join(dirname(path), "inside.h5"));
    make(path, (_, __, data) => data.create_external_link("inside.h5", "values", "data"));
  },
  noPlot,
);

hostile(
  "a symbolic link that leads out, asked for itself",
  "link.h5",
  (path, root) => symlink(join(root, "secret/secret.h5"), path),
  aProblem(/cannot be read/),
);

hostile(
  "soft links in a circle, and to themselves",
  "soft.h5",
  (path) =>
    make(path, (_, entry, data) => {
      data.create_soft_link("/entry/data/other", "data");
      data.create_soft_link("/entry/data/data", "other");
      entry.create_soft_link("/entry", "self");
    }),
  noPlot,
);

hostile(
  "hard links in a circle",
  "hard.h5",
  (path) =>
    make(path, (_, entry, data) => {
      for (let number = 0; number < 50; number += 1) data.create_hard_link("/entry", `again${number}`);
      entry.create_hard_link("/", "root");
      data.create_dataset({ name: "data", data: [1, 2, 3] });
    }),
  (reading) => assert.equal(reading.plot.shape, "curve"),
);

hostile(
  "groups in groups, 300 deep, each the default of the one above",
  "deep.h5",
  (path) =>
    make(path, (file) => {
      let group = file.create_group("g");
      file.create_attribute("default", "g");
      for (let depth = 0; depth < 300; depth += 1) {
        group.create_attribute("default", "g");
        group.create_attribute("NX_class", "NXentry");
        group = group.create_group("g");
      }
    }),
  anything,
);

hostile(
  "a group of 60,000 entries",
  "wide.h5",
  (path) =>
    make(path, (file) => {
      for (let number = 0; number < 60_000; number += 1) file.create_soft_link("/entry", `entry${number}`);
    }),
  anything,
);

hostile(
  "an attribute of a megabyte where a word is expected, and 3,000 attributes",
  "attributes.h5",
  (path) =>
    make(path, (_, entry, data) => {
      data.create_dataset({ name: "data", data: [1, 2, 3] });
      for (let number = 0; number < 3000; number += 1) data.create_attribute(`a${number}`, number);
      entry.create_attribute("default", "x".repeat(60_000));
      entry.create_dataset({ name: "title", data: "t".repeat(1_000_000) });
    }),
  (reading) => assert.ok(JSON.stringify(reading).length < 10_000),
);

hostile(
  "text that is named like HDF5",
  "text.h5",
  (path) => writeFile(path, "Q I dI\n0.1 2 3\n"),
  aProblem(/none/),
);
hostile("an empty file", "empty.h5", (path) => writeFile(path, ""), aProblem(/empty/));
hostile(
  "HDF4",
  "four.hdf",
  (path) => writeFile(path, Buffer.from("0e031301000000000000", "hex")),
  aProblem(/HDF4/),
);
hostile(
  "only a signature",
  "head.h5",
  (path) => writeFile(path, Buffer.from("894844460d0a1a0a", "hex")),
  aProblem(/cannot be read/),
);
hostile(
  "a signature and noise",
  "noise.h5",
  (path) => writeFile(path, Buffer.concat([Buffer.from("894844460d0a1a0a", "hex"), noise(4096)])),
  aProblem(/cannot be read|crash/),
);
hostile(
  "a folder that is named like a file",
  "folder.h5",
  (path) => mkdir(path).then(() => {}),
  aProblem(/cannot be read/),
);
hostile("a pipe", "pipe.h5", (path) => void execFileSync("mkfifo", [path]), aProblem(/cannot be read/));
hostile("a link to a device", "zero.h5", (path) => symlink("/dev/zero", path), aProblem(/cannot be read/));
hostile(
  "a name with an escape, a quote and a newline",
  "a\u001b[31m\n'\"$(id).h5",
  (path) => writeFile(path, "x"),
  aProblem(/none/),
);

const fixtures = JSON.parse(
  await readFile(join(import.meta.dirname, "fixtures/hostile.json"), "utf8"),
) as Record<string, string>;

/** What is to be seen of each file of fixtures/make-hostile.py. */
const expectations: Readonly<Record<string, (reading: FileReading) => void>> = {
  "external-storage.h5": (reading) =>
    assert.match(reading.remarks.join(), /unable to open external raw data file/),
  "virtual-out.h5": noPlot,
  "virtual-of-itself.h5": anything,
  "shape-of-2-to-the-62.h5": (reading) =>
    assert.match(JSON.stringify(reading.plot), /too large for a small picture/),
  "shape-of-2-to-the-64.h5": noPlot,
  "line-of-2-to-the-40.h5": anything,
  "bomb-of-one-gigabyte.h5": anything,
  "bomb-behind-a-small-chunk.h5": anything,
  "variable-lengths.h5": noPlot,
  "compound.h5": noPlot,
  "float16.h5": anything,
  "rank-of-32.h5": (reading) => assert.ok(reading.plot.shape === "image" && reading.plot.width === 4),
  "no-number.h5": noPlot,
  "default-in-a-circle.h5": noPlot,
  "references.h5": noPlot,
  "null-dataspace.h5": noPlot,
  "length-of-zero.h5": noPlot,
  "control-characters.h5": (reading) => {
    assert.equal(reading.title, "a b [31mred <script>");
    assert.ok((reading.sample?.name.length ?? 0) <= 200);
    assert.deepEqual(reading.parameters, []);
  },
};

test("there is an expectation for every file of make-hostile.py", () => {
  assert.deepEqual(Object.keys(fixtures).sort(), Object.keys(expectations).sort());
});

for (const [name, packed] of Object.entries(fixtures))
  hostile(
    name,
    name,
    (path) => writeFile(path, gunzipSync(Buffer.from(packed, "base64"))),
    expectations[name] ?? anything,
  );

test("a question outside the folder has no answer, however it is written", () =>
  withDataset(async (folder, root) => {
    make(join(folder, "sound.h5"), () => {});
    await symlink("/etc/passwd", join(folder, "passwd.h5"));
    await symlink("/proc/self/environ", join(folder, "environ.h5"));
    const names = [
      "../secret/secret.h5",
      join(root, "secret/secret.h5"),
      "/etc/passwd",
      "/proc/self/mem",
      "passwd.h5",
    ];
    for (const name of [
      ...names,
      "environ.h5",
      "a\u0000b",
      "sound.h5/../../secret/secret.h5",
      "",
      ".",
      "x".repeat(5000),
    ])
      for (const service of services) {
        const answer = await said(service, folder, name);
        assert.ok("code" in answer && !answer.detail.includes("secret-of"), name);
      }
  }));

test("20,000 attributes and as many members are refused or listed, not waited for", () =>
  withDataset(async (folder) => {
    make(join(folder, "sound.h5"), () => {});
    make(join(folder, "many.h5"), (_, entry, data) => {
      for (let number = 0; number < 20_000; number += 1) data.create_attribute(`a${number}`, number);
      for (let number = 0; number < 20_000; number += 1) entry.create_soft_link("/entry/data", `l${number}`);
    });
    for (const service of services) {
      const attributes = await said(service, folder, "many.h5", { call: "attr", path: "/entry/data" });
      assert.ok("code" in attributes && attributes.code === "answer-too-large");
      await said(service, folder, "many.h5", { path: "/entry" });
      assert.ok("bytes" in (await said(service, folder, "sound.h5")));
    }
  }));

test(`R66 every real file spoilt ${copies} times: each is read or has a reason, and the file beside it is read`, async () => {
  const archive = dirname(await demonstrationFacility());
  const files = (await readdir(archive, { recursive: true }))
    .filter((path) => /\.(h5|hdf5?|nxs)$/.test(path))
    .sort();
  assert.ok(files.length >= 15);
  const readers = await testReaders({ failures: Number.POSITIVE_INFINITY });
  const count = { read: 0, reason: 0, ended: 0, asked: 0 };
  const start = performance.now();
  await eachOf(files, 2, async (path, index) => {
    const content = await readFile(join(archive, path));
    await withDataset((folder) => spoil(readers, folder, content, `${seed} ${path}`, index, count));
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(
    `figure: ${files.length} files spoilt ${copies} times (seed ${seed}): ${count.read} read, ${count.reason} with a reason, ${count.ended} ended the reader; ${count.asked} questions about them answered or refused with a code, ${seconds} s`,
  );
  assert.equal(count.read + count.reason + count.ended, files.length * copies);
});

/** A few copies at a time lie in one folder, as files of one dataset do. */
async function spoil(
  readers: Readers,
  folder: string,
  content: Buffer,
  name: string,
  index: number,
  count: { read: number; reason: number; ended: number; asked: number },
): Promise<void> {
  const random = randomFrom(`${name} ${index}`);
  const batch = 10;
  for (let done = 0; done < copies; done += batch) {
    const names = Array.from(
      { length: batch },
      (_, number) => `copy-${String(done + number).padStart(4, "0")}.h5`,
    );
    for (const one of names) await writeFile(join(folder, one), spoilt(content, random));
    await writeFile(join(folder, "sound.h5"), content);
    const found = await readers.read({ folder, files: [...names, "sound.h5"], urgent: false }, never);
    assert.equal(found.get("sound.h5")?.problem, null, `${name}: the sound copy was not read`);
    for (const one of names) {
      const reading = found.get(one);
      assert.ok(reading !== undefined, `${name} ${one}`);
      if (reading.problem === null) count.read += 1;
      else if (/crash|stopped|memory/.test(reading.problem)) count.ended += 1;
      else count.reason += 1;
      for (const answer of await everything(
        services[0] as RunningHdf5Service,
        folder,
        one,
        isFull ? 12 : 3,
      )) {
        assertHarmless(answer, `${name} ${one}`);
        count.asked += 1;
      }
      await rm(join(folder, one));
    }
    assert.ok("bytes" in (await said(services[0] as RunningHdf5Service, folder, "sound.h5")), name);
  }
}

async function eachOf<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const line = async () => {
    for (let index = next++; index < items.length; index = next++) await work(items[index] as Item, index);
  };
  await Promise.all(Array.from({ length: atOnce }, line));
}

function noise(length: number): Buffer {
  const random = randomFrom("noise");
  return Buffer.from(Array.from({ length }, () => random(256)));
}
