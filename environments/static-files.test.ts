import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { listStaticFiles } from "./lib/static-files.mjs";
import { withFolder } from "./test-support.ts";

const hash = "0123456789abcdef";
const lab = "share/jupyter/lab/static";
const extension = "share/jupyter/labextensions/@own/small";
const script = "export const answer = 42;\n".repeat(1_000);

interface Listed {
  readonly files: Readonly<
    Record<string, { file: string; sha256: string; encodings: Record<string, number>; companions?: string[] }>
  >;
}

async function listed(folder: string, files: Record<string, string>, name = "toy"): Promise<Listed> {
  const path = join(folder, name);
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), content);
  }
  await symlink("/etc/hostname", join(path, lab, `link.${hash}.js`));
  const options = { softwareFolder: folder, name, digest: "d".repeat(64), path, report: () => {} };
  const list = await listStaticFiles(options);
  assert.equal(await listStaticFiles(options), list, "what is there is used again");
  return JSON.parse(await readFile(list as string, "utf8")) as Listed;
}

test("only files whose name carries a hash are listed, by the address that JupyterLab gives them; no links", () =>
  withFolder("static", async (folder) => {
    const { files } = await listed(folder, {
      [`${lab}/main.${hash}.js`]: script,
      [`${lab}/${hash}.woff2`]: "font",
      [`${lab}/style.js`]: script,
      [`${lab}/index.html`]: "page",
      [`${lab}/1.${hash}.js.LICENSE.txt`]: "licence",
      [`${lab}/odd name.${hash}.js`]: script,
      [`${extension}/static/remoteEntry.${hash}.js`]: script,
      [`${extension}/schemas/a.${hash}.js`]: script,
    });
    assert.deepEqual(Object.keys(files), [
      `/lab/extensions/@own/small/static/remoteEntry.${hash}.js`,
      `/static/lab/${hash}.woff2`,
      `/static/lab/main.${hash}.js`,
    ]);
    const companions = files[`/static/lab/main.${hash}.js`]?.companions;
    assert.deepEqual(companions, [`/static/lab/main.${hash}.js?v=${hash}`, Object.keys(files)[0]]);
  }));

test("each is packed in every way, once for all environments, and nobody else may write it", () =>
  withFolder("static", async (folder) => {
    const content = { [`${lab}/main.${hash}.js`]: script };
    const { files } = await listed(folder, content);
    const entry = files[`/static/lab/main.${hash}.js`];
    const packed = join(folder, "static-files");
    const unpack = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync };
    for (const [encoding, undo] of Object.entries(unpack)) {
      const bytes = await readFile(join(packed, `${entry?.sha256}.${encoding}`));
      assert.deepEqual([undo(bytes).toString(), bytes.length], [script, entry?.encodings[encoding]]);
    }
    const before = await readdir(packed);
    await listed(folder, content, "other");
    const after = await readdir(packed);
    assert.deepEqual(after.length - before.length, 1, "the other environment's list alone is new");
    for (const name of [".", ...after]) assert.equal((await stat(join(packed, name))).mode & 0o022, 0, name);
  }));
