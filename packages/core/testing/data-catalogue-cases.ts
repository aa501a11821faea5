import { strict as assert } from "node:assert";
import type { DataCatalogue, Dataset, HarvestItem } from "../src/index.ts";

/** A catalogue under test, over an archive with at least one dataset of each kind. */
export interface CatalogueFixture {
  readonly catalogue: DataCatalogue;
  /** A dataset whose files are here and can be read. */
  readonly sound: string;
  /** A dataset with a file that is damaged; null where the archive has none. */
  readonly damaged: string | null;
  /** A dataset that is declared and whose data are not here; null where there is none. */
  readonly missing: string | null;
}

export interface CatalogueCase {
  readonly name: string;
  run(fixture: CatalogueFixture): Promise<void>;
}

const never = new AbortController().signal;

/** What every catalogue that is harvested must do: run each case as a test of its own. */
export const dataCatalogueCases: readonly CatalogueCase[] = [
  {
    name: "R129 a harvest gives accounts and proposals before the first dataset, each id once",
    run: async ({ catalogue }) => {
      const items = await harvested(catalogue);
      const firstDataset = items.findIndex((item) => item.type === "dataset");
      assert.ok(firstDataset > 0 && items.slice(firstDataset).every((item) => item.type === "dataset"));
      const ids = items.map(keyOf);
      assert.equal(new Set(ids).size, ids.length);
    },
  },
  {
    name: "each dataset belongs to a proposal of the same harvest and has a slug that can stand in a URL",
    run: async ({ catalogue }) => {
      const items = await harvested(catalogue);
      const proposals = new Set(items.map((item) => (item.type === "proposal" ? item.proposal.id : "")));
      for (const dataset of datasetsOf(items)) {
        assert.ok(proposals.has(dataset.proposal), dataset.id);
        assert.match(dataset.id, /^[a-z0-9-]{1,100}$/);
      }
    },
  },
  {
    name: "two harvests of an unchanged archive give the same",
    run: async ({ catalogue }) => assert.deepEqual(await harvested(catalogue), await harvested(catalogue)),
  },
  {
    name: "a harvest that is called off ends",
    run: async ({ catalogue }) => {
      const called = new AbortController();
      for await (const item of catalogue.harvest(called.signal)) if (item.type === "dataset") called.abort();
    },
  },
  {
    name: "R2 R66 a sound dataset has files with sizes, a folder and a bounded picture",
    run: async ({ catalogue, sound }) => {
      const files = await catalogue.files(sound, never);
      assert.ok(files.length > 0 && files.every((file) => file.sizeBytes >= 0 && !file.path.includes("..")));
      assert.ok(await catalogue.folder(sound));
      const preview = await catalogue.preview(sound, never);
      if (preview.shape === "curve") assert.ok(preview.x.values.length <= 500);
      if (preview.shape === "image")
        assert.ok(
          preview.width <= 200 &&
            preview.height <= 200 &&
            preview.values.length === preview.width * preview.height,
        );
    },
  },
  {
    name: "a damaged file is a problem of its dataset, never an error of the harvest",
    run: async ({ catalogue, damaged }) => {
      if (damaged === null) return;
      const found = datasetsOf(await harvested(catalogue)).find((dataset) => dataset.id === damaged);
      assert.ok(found !== undefined && found.problems.length > 0);
      assert.ok((await catalogue.files(damaged, never)).some((file) => file.problem !== null));
    },
  },
  {
    name: "a dataset whose data are not here says so and has no folder",
    run: async ({ catalogue, missing }) => {
      if (missing === null) return;
      const found = datasetsOf(await harvested(catalogue)).find((dataset) => dataset.id === missing);
      assert.ok(found !== undefined && found.problems.length > 0 && found.fileCount === 0);
      assert.equal(await catalogue.folder(missing), null);
      assert.equal((await catalogue.preview(missing, never)).shape, "none");
    },
  },
  {
    name: "what it does not know has no folder, no files and no picture",
    run: async ({ catalogue }) => {
      for (const id of ["no-such-dataset", "../etc", "__proto__", ""]) {
        assert.equal(await catalogue.folder(id), null);
        assert.deepEqual(await catalogue.files(id, never), []);
        assert.equal((await catalogue.preview(id, never)).shape, "none");
      }
    },
  },
];

async function harvested(catalogue: DataCatalogue): Promise<HarvestItem[]> {
  const items: HarvestItem[] = [];
  for await (const item of catalogue.harvest(never)) items.push(item);
  return items;
}

function datasetsOf(items: readonly HarvestItem[]): Dataset[] {
  return items.flatMap((item) => (item.type === "dataset" ? [item.dataset] : []));
}

function keyOf(item: HarvestItem): string {
  if (item.type === "account") return `account ${item.account.account}`;
  return item.type === "proposal" ? `proposal ${item.proposal.id}` : `dataset ${item.dataset.id}`;
}
