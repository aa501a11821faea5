import { strict as assert } from "node:assert";
import type { FileSource } from "../src/index.ts";

/** A source of files under test: a dataset with a known file, and what must not be found. */
export interface FileFixture {
  readonly files: FileSource<AsyncIterable<Uint8Array>>;
  readonly dataset: string;
  /** A file of the dataset and what is in it. */
  readonly file: { readonly path: string; readonly content: Uint8Array };
  /** Paths that name something the source must not give: folders, pipes, links that lead out, hidden files. */
  readonly closed: readonly string[];
  /** Changes the content of the file. */
  change(): Promise<void>;
}

export interface FileCase {
  readonly name: string;
  run(fixture: FileFixture): Promise<void>;
}

const never = new AbortController().signal;

/** What every source of files must do: run each case as a test of its own. */
export const fileSourceCases: readonly FileCase[] = [
  {
    name: "a file is given with its size and its bytes",
    run: async (fixture) => {
      const file = await opened(fixture);
      assert.equal(file.sizeBytes, fixture.file.content.length);
      const bytes = await collected(file.read({ start: 0, end: file.sizeBytes - 1 }));
      assert.deepEqual(bytes, Buffer.from(fixture.file.content));
    },
  },
  {
    name: "a range is given with both its ends",
    run: async (fixture) => {
      const file = await opened(fixture);
      const bytes = await collected(file.read({ start: 2, end: 5 }));
      assert.deepEqual(bytes, Buffer.from(fixture.file.content.slice(2, 6)));
    },
  },
  {
    name: "a file that is not read can be closed",
    run: async (fixture) => (await opened(fixture)).close(),
  },
  {
    name: "R134 what leads out of the dataset, or is no plain file, is not there",
    run: async (fixture) => {
      const ways = [
        "..",
        "../..",
        "/etc/passwd",
        "../../../../etc/passwd",
        ".",
        "",
        "a/../../b",
        "a//b",
        "a\0b",
        "\\..\\b",
      ];
      for (const path of [...ways, `${fixture.file.path}/`, `./${fixture.file.path}`, ...fixture.closed])
        assert.equal(await fixture.files.open(fixture.dataset, path, never), null, JSON.stringify(path));
    },
  },
  {
    name: "a dataset that is not known has no files",
    run: async ({ files, file }) => {
      for (const dataset of ["no-such-dataset", "..", "", "__proto__"])
        assert.equal(await files.open(dataset, file.path, never), null);
    },
  },
  {
    name: "the etag is the same for the same content and another for another",
    run: async (fixture) => {
      const [one, same] = [await opened(fixture), await opened(fixture)];
      await fixture.change();
      const other = await opened(fixture);
      assert.equal(one.etag, same.etag);
      assert.notEqual(one.etag, other.etag);
      assert.match(one.etag, /^[\x21\x23-\x7e]+$/);
      for (const file of [one, same, other]) await file.close();
    },
  },
];

async function opened({ files, dataset, file }: FileFixture) {
  const found = await files.open(dataset, file.path, never);
  assert.ok(found !== null);
  return found;
}

async function collected(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}
