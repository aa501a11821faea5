import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type FileFixture, fileSourceCases } from "@endstation/core/testing";
import { createFolderFiles } from "./index.ts";

const content = Buffer.from("a measurement of nothing in particular");

/** An archive with one dataset and everything beside and in it that must stay closed. */
async function withArchive(
  run: (fixture: FileFixture & { readonly folder: string }) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "est-files-"));
  const folder = join(root, "data");
  await mkdir(join(folder, "inner"), { recursive: true });
  await mkdir(join(root, "data-of-others"));
  await writeFile(join(folder, "inner/scan 1.h5"), content);
  await writeFile(join(folder, ".hidden"), "hidden");
  await writeFile(join(root, "data-of-others/secret"), "secret");
  await symlink(join(root, "data-of-others/secret"), join(folder, "out"));
  await symlink("../data-of-others", join(folder, "out-folder"));
  await symlink("loop", join(folder, "loop"));
  await symlink("inner/scan 1.h5", join(folder, "inside"));
  await symlink("/dev/zero", join(folder, "zero"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const files = createFolderFiles({ folderOf: async (dataset) => (dataset === "d" ? folder : null) });
  const closed = [
    "out",
    "out-folder/secret",
    "loop",
    "zero",
    "pipe",
    "inner",
    ".hidden",
    "inner/scan 1.h5/x",
    "../data-of-others/secret",
  ];
  const change = () => writeFile(join(folder, "inner/scan 1.h5"), "another measurement, of another length");
  try {
    await run({ files, dataset: "d", file: { path: "inner/scan 1.h5", content }, closed, change, folder });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

for (const { name, run } of fileSourceCases) test(`files/folder: ${name}`, () => withArchive(run));

const never = new AbortController().signal;

test("files/folder: a link that stays inside is followed", () =>
  withArchive(async ({ files }) => {
    const file = await files.open("d", "inside", never);
    assert.equal(file?.sizeBytes, content.length);
    await file?.close();
  }));

test("files/folder: an open file stays the same file when its name is given to another", () =>
  withArchive(async ({ files, folder }) => {
    const file = await files.open("d", "inner/scan 1.h5", never);
    assert.ok(file !== null);
    await rm(join(folder, "inner/scan 1.h5"));
    await symlink("/etc/passwd", join(folder, "inner/scan 1.h5"));
    const parts: Uint8Array[] = [];
    for await (const part of file.read({ start: 0, end: file.sizeBytes - 1 })) parts.push(part);
    assert.deepEqual(Buffer.concat(parts), content);
    assert.equal(await files.open("d", "inner/scan 1.h5", never), null);
  }));

test("files/folder: a folder on the way that turns into a link out while it is opened never leads out", () =>
  withArchive(async ({ files, folder }) => {
    let isOn = true;
    const swapping = (async () => {
      while (isOn) {
        await rm(join(folder, "swap"), { recursive: true, force: true });
        await mkdir(join(folder, "swap"));
        await writeFile(join(folder, "swap/secret"), "mine");
        await rm(join(folder, "swap"), { recursive: true, force: true });
        await symlink("../data-of-others", join(folder, "swap"));
      }
    })();
    const found = new Set<string>();
    for (let round = 0; round < 400; round += 1) {
      const file = await files.open("d", "swap/secret", never).catch(() => null);
      if (file === null || file.sizeBytes === 0) await file?.close();
      else
        for await (const part of file.read({ start: 0, end: file.sizeBytes - 1 }))
          found.add(Buffer.from(part).toString());
    }
    isOn = false;
    await swapping;
    assert.ok(!found.has("secret"));
  }));
