import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { dataCatalogueCases } from "@endstation/core/testing";
import type { Readers } from "../../../hdf5/readers.ts";
import { demonstrationFacility, testReaders } from "../../../testing/archive.ts";
import { createFolderCatalogue, type FolderCatalogue } from "./index.ts";

let facility = "";
let readers: Readers;

before(async () => {
  facility = await demonstrationFacility();
  readers = await testReaders();
});

const declared = `
version: 1
accounts:
  - { account: pi, name: Principal investigator, email: pi@example.org }
facilities:
  - { id: ipns, name: Intense Pulsed Neutron Source, short: IPNS }
instruments:
  - { id: lrmecs, name: LRMECS, facility: ipns, techniques: [{ id: PaNET01245, label: x }] }
proposals:
  - id: p
    title: A proposal
    facility: ipns
    instrument: lrmecs
    releaseAt: null
    members: [{ account: pi, role: principal-investigator }]
    datasets:
      - { id: sound, title: Sound, folder: p/sound, kind: raw }
      - { id: damaged, title: Damaged, folder: p/damaged, kind: raw }
      - { id: missing, title: Missing, folder: p/missing, kind: raw }
      - { id: leading-out, title: Leading out, folder: p/leading-out, kind: raw }
`;

/** A small archive made of the real measurement at LRMECS: once whole, once cut off, with all that may lie about. */
async function withArchive(run: (catalogue: FolderCatalogue, root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "est-archive-"));
  await chmod(root, 0o755);
  const real = join(dirname(facility), "ipns-2001-mgb2/lrmecs-3701-mgb2-8k");
  await writeFile(join(root, "facility.yaml"), declared);
  await cp(real, join(root, "p/sound"), { recursive: true });
  await mkdir(join(root, "p/damaged/inner"), { recursive: true });
  await cp(join(real, "chopper.nxs"), join(root, "p/damaged/a-cut-off.nxs"));
  await truncate(join(root, "p/damaged/a-cut-off.nxs"), 3000);
  await cp(join(real, "chopper.nxs"), join(root, "p/damaged/b-whole.nxs"));
  await writeFile(join(root, "p/damaged/c-text.h5"), "not HDF5 at all");
  await writeFile(join(root, "p/damaged/d-empty.h5"), "");
  await writeFile(join(root, "p/damaged/inner/bell\x07.txt"), "x");
  await writeFile(Buffer.from(`${root}/p/damaged/latin-\xe9.txt`, "latin1"), "x");
  await symlink("/etc/passwd", join(root, "p/damaged/passwd.h5"));
  await symlink("nowhere", join(root, "p/damaged/dangling.h5"));
  await symlink("..", join(root, "p/damaged/up"));
  await symlink("/etc", join(root, "p/leading-out"));
  execFileSync("mkfifo", [join(root, "p/damaged/pipe.h5")]);
  try {
    const config = { file: join(root, "facility.yaml") };
    await run(createFolderCatalogue(config, { readers, cacheFolder: join(root, ".cache") }), root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

for (const { name, run } of dataCatalogueCases)
  test(`catalogue/folder: ${name}`, () =>
    withArchive((catalogue) => run({ catalogue, sound: "sound", damaged: "damaged", missing: "missing" })));

const never = new AbortController().signal;

test("catalogue/folder: every file that cannot be read is listed with its reason, the others are read all the same", () =>
  withArchive(async (catalogue) => {
    const files = new Map((await catalogue.files("damaged", never)).map((file) => [file.path, file.problem]));
    assert.match(files.get("a-cut-off.nxs") ?? "", /cannot be read/);
    assert.equal(files.get("b-whole.nxs"), null);
    assert.match(files.get("c-text.h5") ?? "", /named like an HDF5 file but is none/);
    assert.match(files.get("d-empty.h5") ?? "", /empty/);
    assert.match(files.get("passwd.h5") ?? "", /leads out/);
    assert.match(files.get("dangling.h5") ?? "", /link to nothing/);
    assert.match(files.get("up") ?? "", /leads out/);
    assert.match(files.get("pipe.h5") ?? "", /pipe or a device/);
    assert.match(files.get("inner/bell\ufffd.txt") ?? "", /characters/);
    assert.match(files.get("latin-\ufffd.txt") ?? "", /characters/);
    assert.equal((await catalogue.preview("damaged", never)).shape, "image");
  }));

test("catalogue/folder: a dataset's folder that is a link out of the archive has no data", () =>
  withArchive(async (catalogue) => {
    assert.equal(await catalogue.folder("leading-out"), null);
    assert.deepEqual(await catalogue.files("leading-out", never), []);
  }));

test("catalogue/folder: what the file says completes what is declared", () =>
  withArchive(async (catalogue) => {
    for await (const item of catalogue.harvest(never)) {
      if (item.type !== "dataset" || item.dataset.id !== "sound") continue;
      const { createdAt, parameters, techniques, facility: name } = item.dataset;
      assert.equal(createdAt, Date.parse("2001-02-07T08:54:21-06:00"));
      assert.deepEqual(
        parameters.find((one) => one.name === "monochromator energy"),
        {
          name: "monochromator energy",
          value: 130,
          unit: "meV",
        },
      );
      assert.equal(techniques[0]?.id, "PaNET01245");
      assert.equal(name, "IPNS");
    }
  }));

test("catalogue/folder: a file that was changed is read again, an unchanged one is not opened", () =>
  withArchive(async (catalogue, root) => {
    assert.equal((await catalogue.preview("sound", never)).shape, "image");
    const config = { file: join(root, "facility.yaml") };
    const refuse: Readers = {
      isolation: () => readers.isolation(),
      read: () => assert.fail("it was opened although it is unchanged"),
    };
    const again = createFolderCatalogue(config, { readers: refuse, cacheFolder: join(root, ".cache") });
    assert.equal((await again.preview("sound", never)).shape, "image");
    await truncate(join(root, "p/sound/chopper.nxs"), 1000);
    assert.equal((await catalogue.preview("sound", never)).shape, "none");
  }));

test("catalogue/folder: what was kept of a dataset goes when the dataset goes", () =>
  withArchive(async (catalogue, root) => {
    const all = async () => {
      for await (const _ of catalogue.harvest(never));
      return readdir(join(root, ".cache"));
    };
    assert.deepEqual((await all()).sort(), ["damaged.json", "sound.json"]);
    await writeFile(join(root, "facility.yaml"), declared.replace(/.*id: damaged.*\n/, ""));
    assert.deepEqual(await all(), ["sound.json"]);
  }));

test("catalogue/folder: when nothing can be read the harvest still gives every dataset and says so", () =>
  withArchive(async (_, root) => {
    const broken = await testReaders({ node: "/nonexistent/node" });
    const deps = { readers: broken, cacheFolder: join(root, ".other-cache") };
    const catalogue = createFolderCatalogue({ file: join(root, "facility.yaml") }, deps);
    const problems: string[] = [];
    for await (const item of catalogue.harvest(never))
      if (item.type === "dataset") problems.push(...item.dataset.problems);
    assert.ok(problems.some((one) => /cannot be read at the moment/.test(one)));
    assert.equal((await catalogue.files("sound", never)).length, 3);
    await assert.rejects(catalogue.preview("sound", never), { name: "Unavailable" });
  }));

test("catalogue/folder: an edit of facility.yaml is noticed", () =>
  withArchive(async (catalogue, root) => {
    const over = new AbortController();
    const noticed = new Promise<void>((resolve) => catalogue.watch?.(resolve, over.signal));
    await writeFile(join(root, "facility.yaml"), declared.replace("A proposal", "Another title"));
    await noticed;
    over.abort();
    const titles: string[] = [];
    for await (const item of catalogue.harvest(never))
      if (item.type === "proposal") titles.push(item.proposal.title);
    assert.deepEqual(titles, ["Another title"]);
  }));

test("catalogue/folder: a facility.yaml that goes wrong is refused with the file, and mends by itself", () =>
  withArchive(async (catalogue, root) => {
    await writeFile(join(root, "facility.yaml"), declared.replace("releaseAt: null", "releaseAt: soon"));
    await assert.rejects(
      catalogue.harvest(never)[Symbol.asyncIterator]().next(),
      /facility\.yaml: line \d+, proposals\.0\.releaseAt/,
    );
    await rm(join(root, "facility.yaml"));
    await assert.rejects(
      catalogue.harvest(never)[Symbol.asyncIterator]().next(),
      /facility\.yaml is not there/,
    );
    await writeFile(join(root, "facility.yaml"), declared);
    assert.equal((await catalogue.declaredAccounts())[0]?.account, "pi");
  }));
