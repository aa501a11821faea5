import assert from "node:assert/strict";
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Reader, SeenDataset } from "@endstation/core";
import pino from "pino";
import { createFolderCatalogue } from "../adapters/catalogue/folder/index.ts";
import { createCatalogueIndex } from "../store/catalogue-index.ts";
import { createCatalogueWriter } from "../store/catalogue-writer.ts";
import type { Database } from "../store/database.ts";
import { withDatabase } from "../store/testing.ts";
import { demonstrationFacility, testReaders } from "../testing/archive.ts";
import { harvestOnce } from "./harvester.ts";
import { readTechniques } from "./panet.ts";
import { startHarvesting } from "./schedule.ts";

const techniques = readTechniques();
const readers = testReaders();
const never = new AbortController().signal;
const now = Date.UTC(2026, 0, 1);
const pi: Reader = { account: "pi", instruments: [], now };
const page = { limit: 200, cursor: null };

/** The real archive in a folder that a test may change, harvested into a fresh index. */
async function withArchive(
  run: (parts: {
    readonly file: string;
    readonly database: Database;
    readonly deps: Parameters<typeof harvestOnce>[0];
  }) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "est-harvest-"));
  await chmod(root, 0o755);
  try {
    await cp(dirname(await demonstrationFacility()), join(root, "archive"), { recursive: true });
    const file = join(root, "archive/facility.yaml");
    const catalogue = createFolderCatalogue(
      { file },
      { readers: await readers, cacheFolder: join(root, "cache") },
    );
    await withDatabase(async (database) => {
      const writer = createCatalogueWriter(database);
      const deps = {
        catalogues: new Map([["archive", catalogue]]),
        writer,
        techniques,
        log: pino({ level: "silent" }),
      };
      await run({ file, database, deps });
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(file, "utf8");
  const changed = change(text);
  assert.notEqual(changed, text);
  await writeFile(file, changed);
}

async function seenBy(database: Database, reader: Reader): Promise<ReadonlyMap<string, SeenDataset>> {
  const { items } = await createCatalogueIndex(database).datasets(reader, {}, page);
  return new Map(items.map((seen) => [seen.dataset.id, seen]));
}

test("R2 R3 R129 the real archive is harvested whole, and again without a change", () =>
  withArchive(async ({ database, deps }) => {
    const first = await harvestOnce(deps, "archive", never);
    const again = await harvestOnce(deps, "archive", never);
    console.log(
      `figure: harvest of ${first?.datasets} datasets ${first?.seconds} s, unchanged ${again?.seconds} s`,
    );
    assert.equal(first?.failure, null);
    assert.ok((first?.datasets ?? 0) >= 22 && (first?.proposals ?? 0) >= 15);
    assert.deepEqual([again?.failure, again?.changed, again?.removed], [null, 0, 0]);
    const seen = await seenBy(database, pi);
    const lrmecs = seen.get("lrmecs-3701-mgb2-8k");
    assert.equal(lrmecs?.access, "member");
    assert.equal(lrmecs?.dataset.instrument, "LRMECS");
    assert.deepEqual(lrmecs?.dataset.problems, []);
    assert.match(
      seen.get("diamond-2019-therm-6-2")?.dataset.problems.join() ?? "",
      /Therm_6_2_000001\.h5, which is not here/,
    );
    assert.ok(seen.get("bam-oriented-iron")?.dataset.definitions.includes("NXcanSAS"));
    assert.equal((await seenBy(database, { ...pi, account: "guest" })).has("lrmecs-3701-mgb2-8k"), false);
  }));

test("R13 a search by technique finds what lies below it in the real archive", () =>
  withArchive(async ({ database, deps }) => {
    await harvestOnce(deps, "archive", never);
    const found = async (id: string) =>
      (
        await createCatalogueIndex(database).datasets(
          pi,
          { techniques: techniques.withDescendants(id) },
          page,
        )
      ).items.length;
    assert.equal(await found("PaNET01245"), 1);
    assert.ok((await found("PaNET01124")) >= 10);
    assert.ok((await found("PaNET01124")) > (await found("PaNET01188")));
    assert.equal(await found("PaNET99999"), 0);
  }));

test("R110 what is taken out of the facility goes out of the index, members at once", () =>
  withArchive(async ({ file, database, deps }) => {
    await harvestOnce(deps, "archive", never);
    await edit(file, (text) =>
      text
        .replace(/\n {2}- id: soleil-2013-sixs[\s\S]*?(?=\n {2}- id: )/, "")
        .replace('      - { account: "pi", role: "principal-investigator" }\n', ""),
    );
    const report = await harvestOnce(deps, "archive", never);
    assert.equal(report?.removed, 2);
    const seen = await seenBy(database, pi);
    assert.equal(seen.has("soleil-2013-scan-101"), false);
    assert.equal(seen.has("lrmecs-3701-mgb2-8k"), false);
  }));

test("a facility.yaml that went wrong leaves the index as it was and says why", () =>
  withArchive(async ({ file, database, deps }) => {
    await harvestOnce(deps, "archive", never);
    const before = (await seenBy(database, pi)).size;
    await edit(file, (text) => text.replace("releaseAt: null", "releaseAt: never"));
    const report = await harvestOnce(deps, "archive", never);
    assert.match(report?.failure ?? "", /line \d+, proposals\.\d+\.releaseAt/);
    assert.equal((await seenBy(database, pi)).size, before);
  }));

test("R8 the schedule harvests at the start and soon after the file was changed, and stops", () =>
  withArchive(async ({ file, database, deps }) => {
    const schedule = startHarvesting(deps, { everySeconds: 3600 });
    await schedule.first;
    assert.equal(schedule.reports()[0]?.failure, null);
    await edit(file, (text) => text.replace("Oriented iron, test 1", "Oriented iron, renamed"));
    const deadline = Date.now() + 30_000;
    while (
      (await seenBy(database, pi)).get("bam-oriented-iron")?.dataset.title !== "Oriented iron, renamed"
    ) {
      assert.ok(Date.now() < deadline, "the change did not arrive");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await schedule.stop();
    assert.equal(await schedule.now("archive"), null);
  }));
