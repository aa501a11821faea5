import assert from "node:assert/strict";
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import {
  demonstrationFacility,
  softwareFolder,
  temporaryFolder,
  testHdf5Service,
} from "../testing/archive.ts";
import { preparedH5grove, runScript, startH5grove, startScript } from "../testing/h5grove.ts";
import { startHdf5Server } from "../testing/hdf5-server.ts";

/** Every answer of ours beside that of a real h5grove server about the same file. */
const python = await preparedH5grove(softwareFolder);
const folder = await temporaryFolder("served");
const images = await temporaryFolder("images");
const count = { answers: 0, refusals: 0, different: 0 };
runScript(python, "make-files.py", folder);
await mkdir(join(folder, "real"));
const archive = dirname(await demonstrationFacility());
const realFiles = (await readdir(archive, { recursive: true }))
  .filter((path) => /\.(h5|hdf5?|nxs)$/.test(path))
  .sort();
for (const path of realFiles) await cp(join(archive, path), join(folder, "real", path.replaceAll("/", "-")));
const service = await testHdf5Service({ bounds: { perQuestion: 60_000 } });
const server = await startHdf5Server(service, folder);
const h5grove = await startH5grove(python, folder);
const [ours, theirs] = [server.url, h5grove.url];

after(async () => {
  h5grove.end();
  await server.end();
  service.close();
});
type Query = Readonly<Record<string, string>>;

interface Got {
  readonly status: number;
  readonly type: string;
  readonly bytes: Buffer;
}

async function get(base: string, call: string, query: Query | readonly (readonly string[])[]): Promise<Got> {
  const address = `${base}/${call}?${new URLSearchParams(query as Query)}`;
  // A connection that is kept may be closed by the other side just when it is used again.
  const answer = await fetch(address).catch(() => fetch(address, { headers: { connection: "close" } }));
  const type = answer.headers.get("content-type") ?? "";
  return { status: answer.status, type, bytes: Buffer.from(await answer.arrayBuffer()) };
}

const faults: string[] = [];

/** Compares, and goes on with the next question when the answers differ. */
async function compare(call: string, query: Query, expected?: "ours-refused"): Promise<void> {
  await compareOne(call, query, expected).catch((error: Error) => {
    faults.push(error.message.slice(0, 800));
  });
}

/** Asks both and compares; `expected` says what is known to be different, by the code of our refusal. */
async function compareOne(call: string, query: Query, expected?: "ours-refused"): Promise<void> {
  const what = `${call} ${JSON.stringify(query)}`;
  const [own, other] = await Promise.all([get(ours, call, query), get(theirs, call, query)]);
  if (expected !== undefined) {
    assert.ok(own.status === 422 && other.status === 200, `${what}: ${own.status} and ${other.status}`);
    count.different += 1;
    return;
  }
  // An image without points: they make a file of it that nothing opens.
  if (query["format"] === "tiff" && /"shape": \[(\d+, )*0[,\]]/.test(other.bytes.toString("latin1"))) return;
  if (other.status !== 200) {
    count.refusals += 1;
    // What h5grove stumbles over (5xx) we may answer.
    if (other.status < 500) {
      assert.equal(own.status, other.status, what);
      assert.equal(typeof JSON.parse(String(own.bytes)).message, "string");
    }
    return;
  }
  count.answers += 1;
  assert.equal(own.status, 200, `${what}: ${own.bytes.subarray(0, 300)}`);
  assert.equal(own.type.split(";")[0], other.type.split(";")[0], what);
  if (query["format"] === "tiff") await keepImages(own.bytes, other.bytes, what);
  else if (query["format"] === "csv") assert.deepEqual(tableOf(own.bytes), tableOf(other.bytes), what);
  else if (other.type === "application/json") assertSame(call, parse(own.bytes), parse(other.bytes), what);
  else assert.ok(own.bytes.equals(other.bytes), `${what}: ${difference(own.bytes, other.bytes)}`);
}

/** Integers beyond 2⁵³ keep all their digits. */
function parse(bytes: Buffer): unknown {
  return JSON.parse(String(bytes), (_key, value: unknown, context?: { source?: string }) => {
    const isExact = typeof value === "number" && /^-?\d{16,20}$/.test(context?.source ?? "");
    return isExact && !Number.isSafeInteger(value) ? BigInt(context?.source ?? "0") : value;
  });
}

/** The tag of an opaque type is what our library does not tell; means are summed up in another order. */
function assertSame(call: string, own: unknown, other: unknown, what: string): void {
  if (call !== "stats") {
    assert.deepEqual(own, withoutTags(other), what);
    return;
  }
  const [first, second] = [own, other].map((one) => Object.entries(one as object));
  assert.deepEqual(
    first?.map(([name]) => name),
    second?.map(([name]) => name),
    what,
  );
  for (const [index, [name, value]] of first?.entries() ?? []) {
    const theirsIs = second?.[index]?.[1];
    // Theirs overflows in the precision of small floats.
    if (value === theirsIs || theirsIs === null) continue;
    const isNear = Math.abs(Number(value) - Number(theirsIs)) <= 2e-3 * Math.abs(Number(theirsIs)) + 1;
    assert.ok((name === "mean" || name === "std") && isNear, `${what} ${name}: ${value} and ${theirsIs}`);
  }
}

function withoutTags(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTags);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === "tag" ? "" : withoutTags(inner)]),
  );
}

function tableOf(bytes: Buffer): readonly (readonly string[])[] {
  const lines = String(bytes).trimEnd().split("\n");
  return lines.map((line) => line.split(",").map((cell) => (/^-?\d/.test(cell) ? `${Number(cell)}` : cell)));
}

async function keepImages(own: Buffer, other: Buffer, what: string): Promise<void> {
  const name = join(images, what.replaceAll(/[^\w.-]+/g, "_").slice(0, 180));
  await writeFile(`${name}.ours.tiff`, own);
  await writeFile(`${name}.theirs.tiff`, other);
}

function difference(own: Buffer, other: Buffer): string {
  const at = own.findIndex((byte, index) => byte !== other[index]);
  const part = (bytes: Buffer) =>
    `${bytes.length} bytes …${bytes.subarray(Math.max(0, at), at + 40).toString("latin1")}`;
  return `at ${at}: ${part(own)} | ${part(other)}`;
}

interface Meta {
  readonly kind: string;
  readonly name: string;
  readonly attributes?: readonly { readonly name: string }[];
  readonly shape?: readonly number[] | null;
  readonly type?: { readonly class: number; readonly dtype: unknown; readonly tag?: string };
  readonly filters?: readonly { readonly id: number }[] | null;
  readonly children?: readonly Meta[];
}

const selections: readonly (readonly string[])[] = [
  ["0"],
  ["0", ":", "-1", "1:2", "::2", "5:1", "1:", ":-1", "99", "1:3:0", "a", ""],
  ["0", "0,:", ":,1", "-1,-1", "0:2,::3", ":,5:2", ":,99", "0,0,0"],
  ["0,:,:", ":,0,0", "1,0,:", "0:2,1,::2", "0,0,0", ":,:,99"],
  ["0,0,:,:", "1,:,0,::2"],
  ["0,0,0,:,:", ":,0,:,0,:"],
];
const formats = ["json", "bin", "csv", "npy", "tiff"];
const many = 200_000;

/** Of real files the values themselves, in the two forms that the viewer asks for. */
async function compareReal(query: Query, size: number, selection = ""): Promise<void> {
  const part = size > many ? { ...query, selection } : query;
  await compare("data", { ...part, format: "bin" });
  if (size < 2000) await compare("data", { ...part, flatten: "true" });
}

async function compareDataset(file: string, path: string, meta: Meta): Promise<void> {
  const query = { file, path };
  const size = (meta.shape ?? []).reduce((product, length) => product * length, 1);
  const tagged = meta.type?.class === 5 && (meta.type.tag ?? "").startsWith("NUMPY");
  if (tagged) return;
  // A filter that is not offered, and a codec of one that the plugin was built without.
  const isMissing = (meta.filters ?? []).some(({ id }) => id === 32_017) || path === "/blosc_zlib";
  if (isMissing) return compare("data", { ...query, format: "bin" }, "ours-refused");
  const isPointer = JSON.stringify(meta.type).includes('"|O"');
  if (isPointer && file.startsWith("real/")) return compare("data", { ...query, flatten: "true" });
  const rank = meta.shape?.length ?? 0;
  const isLarge = size > many;
  const isAboutShapes = file === "shapes.h5" && !path.includes("external");
  const some =
    isAboutShapes || isLarge
      ? (selections[rank] ?? []).slice(0, isLarge ? 1 : 99)
      : (selections[rank] ?? []).slice(1, 2);
  const parts = [...(isLarge ? [] : [null]), ...some];
  if (file.startsWith("real/")) return compareReal(query, size, some[0]);
  const asked: Promise<void>[] = [];
  const compareLater = (call: string, more: Query) => void asked.push(compare(call, more));
  for (const selection of parts) {
    const part = selection === null ? query : { ...query, selection };
    for (const format of formats) {
      if (format === "bin" && isPointer && meta.shape !== null) continue;
      if (isLarge && format !== "bin" && format !== "tiff") continue;
      // An empty dataspace has no bytes: they give eight of a pointer.
      if (format === "bin" && meta.shape === null) continue;
      if (format === "tiff" && (selection ?? "").includes("5:")) continue;
      compareLater("data", { ...part, format });
      if (format === "json" || format === "tiff") continue;
      compareLater("data", { ...part, format, dtype: "safe" });
    }
    compareLater("data", { ...part, flatten: "true" });
    if (!isLarge) compareLater("data", { ...part, dtype: "safe" });
    if (meta.type?.class !== 6) compareLater("stats", part);
  }
  await Promise.all(asked);
}

/** Everything that is in a file, once for each path. */
async function compareFile(file: string): Promise<void> {
  await compare("paths", { file, path: "/" });
  const visited = new Set<string>();
  const visit = async (path: string, depth: number): Promise<void> => {
    if (visited.has(path) || depth > 12) return;
    visited.add(path);
    const ways = path.split("/").length > 2 ? ["only_valid"] : ["only_valid", "none", "all"];
    await Promise.all(ways.map((resolve) => compare("meta", { file, path, resolve_links: resolve })));
    const answer = await get(theirs, "meta", { file, path });
    if (answer.status !== 200) return;
    const meta = JSON.parse(String(answer.bytes)) as Meta;
    if ((meta.attributes ?? []).length > 0) await compareAttributes(file, path, meta);
    if (meta.kind === "dataset") await compareDataset(file, path, meta);
    for (const child of meta.children ?? [])
      if (child.name !== "again" || depth < 2)
        await visit(`${path === "/" ? "" : path}/${child.name}`, depth + 1);
  };
  await visit("/", 0);
  assert.deepEqual(faults.splice(0), []);
}

async function compareAttributes(file: string, path: string, meta: Meta): Promise<void> {
  await compare("attr", { file, path });
  if (file !== "attributes.h5") return;
  await Promise.all(
    (meta.attributes ?? []).map(({ name }) => compare("attr", { file, path, attr_keys: name })),
  );
}

for (const name of ["types", "texts", "shapes", "compounds", "attributes", "links", "filters"])
  test(`R66 R68 ${name}: every answer about a made file is h5grove's`, () => compareFile(`${name}.h5`));

test("R66 virtual datasets and raw data in another file: h5grove's answers", () => compareFile("virtual.h5"));

for (const path of realFiles.filter((one) => !/therm/i.test(one)))
  test(`R66 R68 the real file ${path}: every answer is h5grove's`, () =>
    compareFile(`real/${path.replaceAll("/", "-")}`));

test("R66 questions that fit no file are refused with h5grove's status and its words for them", async () => {
  const file = "shapes.h5";
  for (const [call, query, code] of [
    ["meta", { file: "none.h5" }, 404],
    ["meta", { file: "../none.h5" }, 404],
    ["meta", { file: "folder.h5" }, 404],
    ["meta", { file: "text.h5" }, 422],
    ["meta", { file, path: "/nothing" }, 404],
    ["meta", { file, path: "/map", resolve_links: "perhaps" }, 422],
    ["data", { file, path: "/nothing" }, 404],
    ["data", { file, path: "/" }, 422],
    ["data", { file, path: "/map", selection: "0,0,0" }, 422],
    ["data", { file, path: "/map", selection: "99" }, 422],
    ["data", { file, path: "/map", selection: "a:b" }, 422],
    ["data", { file, path: "/map", selection: "::0" }, 422],
    ["data", { file, path: "/map", format: "png" }, 422],
    ["data", { file, path: "/map", dtype: "odd" }, 422],
    ["data", { file: "texts.h5", path: "/vlen", dtype: "safe" }, 422],
    ["data", { file: "texts.h5", path: "/vlen", format: "npy" }, 422],
    ["data", { file: "shapes.h5", path: "/empty", dtype: "safe" }, 422],
    ["attr", { file: "links.h5", path: "/soft_broken" }, 422],
    ["paths", { file, path: "/map" }, 422],
    ["data", {}, 422],
  ] as const) {
    const own = await get(ours, call, query as Query);
    assert.equal(own.status, code, `${call} ${JSON.stringify(query)}`);
    const { message, code: name } = JSON.parse(String(own.bytes)) as { message: string; code: string };
    assert.ok(message.length > 10 && name.length > 3);
    if (code !== 404) continue;
    assert.match(message, "path" in query ? /is not a valid path/ : /^File not found!/);
  }
});

test("R66 a virtual dataset without any of its files has no values; one with some has fill values between", async () => {
  const therm = realFiles.find((path) => /therm/i.test(path)) ?? "";
  const file = `real/${therm.replaceAll("/", "-")}`;
  const meta = JSON.parse(String((await get(ours, "meta", { file, path: "/entry/data" })).bytes)) as Meta;
  assert.ok(meta.children?.some(({ kind }) => kind === "external_link"));
  const own = await get(ours, "data", { file, path: "/entry/data/data", selection: "0,0:2,0:2" });
  assert.equal(own.status, 422);
  assert.match(String(own.bytes), /its values are in files that are not here: Therm_6_2_000001.h5/);
});

test("R66 the pages of a TIFF are the images that h5grove gives", () => {
  assert.equal(runScript(python, "compare-tiff.py", images), "");
});

test("R66 a file that is being written is read as it grows", async (context) => {
  const file = "growing.h5";
  const writer = startScript(python, "write-swmr.py", join(folder, file));
  context.after(() => writer.kill("SIGKILL"));
  const lines = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, "writing");
  for (let frames = 1; frames <= 5; frames += 1) {
    writer.stdin.write("next\n");
    assert.equal((await lines.next()).value, String(frames));
    const meta = JSON.parse(String((await get(ours, "meta", { file, path: "/frames" })).bytes)) as Meta;
    assert.deepEqual(meta.shape, [frames, 8, 8]);
    const frame = await get(ours, "data", { file, path: "/frames", selection: `${frames - 1},0,0` });
    assert.equal(String(frame.bytes), String(frames));
  }
});

test("every answer was compared", () => {
  console.log(
    `figure: ${count.answers} answers the same as h5grove's, ${count.refusals} that it refuses, ${count.different} that only it can give`,
  );
  assert.ok(count.answers > 1000 && count.different >= 2);
});
