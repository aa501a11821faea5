import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/archive.ts";
import { installReader } from "./installation.ts";

test("the reader's program is installed once, whole, for all accounts, however many do it at once", async () => {
  const folder = await temporaryFolder("program");
  const made = await Promise.all(Array.from({ length: 4 }, () => installReader(folder)));
  assert.equal(new Set(made.map((one) => one.folder)).size, 1);
  assert.equal((await readdir(folder)).length, 1);
  const [first] = made;
  const before = await stat(first?.folder ?? "");
  assert.equal((await installReader(folder)).folder, first?.folder);
  assert.equal((await stat(first?.folder ?? "")).ino, before.ino);
  for (const part of [
    "worker/main.js",
    "node_modules/h5wasm/dist/node/hdf5_util.js",
    "plugins/libH5Zbshuf.so",
  ])
    assert.equal((await stat(join(first?.folder ?? "", part))).mode & 0o777, 0o644);
});
