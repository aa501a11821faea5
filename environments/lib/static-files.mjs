import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { exists, openFolder } from "./folders.mjs";

/** Counted up when what stands in a list changes, so that lists made the old way are made again. */
const RECIPE = 2;

/** Where JupyterLab offers which folder of an environment, and which part of it is static. */
const OFFERED = [
  { folder: "share/jupyter/lab/static", url: "/static/lab/", within: () => true },
  {
    folder: "share/jupyter/labextensions",
    url: "/lab/extensions/",
    within: (path) => /\/static\//.test(path),
  },
];

/** As the session's own server names them; what is not here is left to it. */
const TYPES = {
  css: { type: "text/css", packs: true },
  eot: { type: "application/vnd.ms-fontobject", packs: true },
  js: { type: "application/javascript", packs: true },
  svg: { type: "image/svg+xml", packs: true },
  ttf: { type: "font/ttf", packs: true },
  woff: { type: "font/woff", packs: false },
  woff2: { type: "font/woff2", packs: false },
};

/** A name that carries the hash of what is in the file: the same name means the same bytes, in every build. */
const HASHED = /(?:^|\.)[0-9a-f]{16,64}\.([a-z0-9]+)$/;
/** A browser asks for these as they stand; any other spelling of an address is left to the session's server. */
const PLAIN = /^[A-Za-z0-9@._/-]+$/;

const { constants } = zlib;
const PACKERS = {
  br: (bytes) =>
    promisify(zlib.brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_LGWIN]: 22,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  zstd: (bytes) =>
    promisify(zlib.zstdCompress)(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 9 } }),
  gzip: (bytes) => promisify(zlib.gzip)(bytes, { level: 9 }),
};

/**
 * Lists the files of an environment that its sessions offer under names with a hash: address, file, type, sizes; and packs
 * each once as browsers take it. Lists and packed files lie in `static-files` beside the environments, out of every
 * session's sight; a packed file is named by its content, so that environments share it.
 * Answers the list's file; null on a Node that cannot pack all of it: then sessions send their own.
 */
export async function listStaticFiles({ softwareFolder, name, digest, path, report }) {
  if (zlib.zstdCompress === undefined) return null;
  const folder = join(softwareFolder, "static-files");
  const list = join(folder, `${name}-${digest.slice(0, 12)}-${RECIPE}.json`);
  if (await exists(list)) return list;
  report("Packing what browsers load");
  await openFolder(folder);
  const found = await offeredBy(path);
  const entries = await severalAtOnce(found, async (one) => [one.url, await packed(folder, path, one)]);
  const files = withCompanions(Object.fromEntries(entries));
  await whole(list, `${JSON.stringify({ environment: path, packed: folder, files }, null, 1)}\n`);
  return list;
}

async function offeredBy(path) {
  const found = [];
  for (const { folder, url, within } of OFFERED) {
    for (const file of await filesBelow(join(path, folder))) {
      const kind = TYPES[HASHED.exec(file.split("/").at(-1))?.[1] ?? ""];
      if (kind === undefined || !PLAIN.test(file) || !within(file)) continue;
      found.push({ url: `${url}${file}`, file: `${folder}/${file}`, ...kind });
    }
  }
  return found.sort((one, other) => (one.url < other.url ? -1 : 1));
}

/** Plain files alone: a link could lead out of the environment. */
async function filesBelow(folder) {
  if (!(await exists(folder))) return [];
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1));
}

/** An extension larger than this, packed, is one that loads its parts when they are wanted. */
const SMALL = 512 * 1024;
/** Smaller parts are not worth their line in a header, which proxies in front hold to a few kilobytes. */
const WORTH_NAMING = 16 * 1024;
const MAIN = /^\/static\/lab\/main\.[0-9a-f]+\.js$/;
const CORE = /^\/static\/lab\/jlab_core\.[0-9a-f]+\.js$/;
const EXTENSION = /^(\/lab\/extensions\/.+)\/static\/[^/]+\.js$/;

/**
 * JupyterLab's page names its first script alone; that asks for the core and the extensions once it runs, and these for
 * their parts once the core does. What will be asked for is noted with the first script, in that order.
 */
function withCompanions(files) {
  const urls = Object.keys(files);
  const main = urls.find((url) => MAIN.test(url));
  if (main === undefined) return files;
  const extensions = Object.values(Object.groupBy(urls.filter(isExtension), (url) => EXTENSION.exec(url)[1]));
  const small = extensions.filter((parts) => sizeOf(parts, files) <= SMALL).flat();
  const core = urls.filter((url) => CORE.test(url));
  const large = small.filter((url) => sizeOf([url], files) >= WORTH_NAMING);
  const wanted = [...extensions.flat().filter(isEntrance), ...core, ...large];
  const companions = [main, ...new Set(wanted)].map(asAsked);
  return { ...files, [main]: { ...files[main], companions } };
}

const isExtension = (url) => EXTENSION.test(url);
const isEntrance = (url) => /\/remoteEntry\.[0-9a-f]+\.js$/.test(url);

function sizeOf(urls, files) {
  return urls.reduce((sum, url) => sum + (files[url].encodings.br ?? files[url].size), 0);
}

/** As the page asks for it: with the hash once more behind it, except for the entrance of an extension. */
function asAsked(url) {
  const hash = /\.([0-9a-f]+)\.js$/.exec(url)[1];
  return isEntrance(url) ? url : `${url}?v=${hash}`;
}

async function packed(folder, path, { file, type, packs }) {
  const bytes = await readFile(join(path, file));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const encodings = {};
  if (packs)
    for (const [encoding, pack] of Object.entries(PACKERS)) {
      const size = await packedSize(join(folder, `${sha256}.${encoding}`), () => pack(bytes));
      if (size < bytes.length) encodings[encoding] = size;
    }
  return { file, type, sha256, size: bytes.length, encodings };
}

async function packedSize(file, pack) {
  if (await exists(file)) return (await readFile(file)).length;
  const bytes = await pack();
  await whole(file, bytes);
  return bytes.length;
}

async function severalAtOnce(items, work, atOnce = 4) {
  const results = [];
  const next = items.entries();
  const worker = async () => {
    for (const [at, item] of next) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/** Another builder may make the same at the same time: what has the name is complete. */
async function whole(file, content) {
  const partial = `${file}.${randomUUID()}.partial`;
  await writeFile(partial, content, { mode: 0o644 });
  await rename(partial, file);
}
