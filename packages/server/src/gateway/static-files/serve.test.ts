import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ask, until } from "../testing/browser.ts";
import { enter } from "../testing/entering.ts";
import { addPlace, type House, happen, withHouse } from "../testing/house.ts";
import { readStaticFiles } from "./list.ts";

const path = "/static/lab/main.0123456789abcdef.js";
const large = "/static/lab/large.0123456789abcdef.woff2";
const script = "console.log('from the environment')\n".repeat(100);

/** An environment with two files on the portal's machine, listed as a build lists them. */
async function withFiles(test: (house: House, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "est-static-"));
  try {
    const lab = join(folder, "environment/share/jupyter/lab/static");
    await mkdir(lab, { recursive: true });
    const contents = { [path]: Buffer.from(script), [large]: randomBytes(64 * 1024 * 1024) };
    const files: Record<string, object> = {};
    for (const [url, content] of Object.entries(contents)) {
      const name = url.split("/").at(-1) ?? "";
      await writeFile(join(lab, name), content);
      const sha256 = createHash("sha256").update(content).digest("hex");
      const type = name.endsWith(".js") ? "application/javascript" : "font/woff2";
      files[url] = {
        file: `share/jupyter/lab/static/${name}`,
        type,
        sha256,
        size: content.length,
        encodings: {},
        companions: name.endsWith(".js") ? [`${url}?v=1`] : [],
      };
    }
    const list = join(folder, "list.json");
    await writeFile(
      list,
      JSON.stringify({ environment: join(folder, "environment"), packed: folder, files }),
    );
    const staticFiles = await readStaticFiles([["nexus", list]]);
    await withHouse((house) => test(house, folder), undefined, { staticFiles });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Which addresses reached the session's own server. */
const reached = ({ inside }: House) => inside.seen.map(({ url }) => url);

test("who is inside gets an environment's files from the portal; the session is not asked", () =>
  withFiles(async (house) => {
    const cookie = await enter(house, house.first);
    const { host } = house.first;
    const { status, headers, body } = await ask(house.port, {
      host,
      path: `${path}?v=1`,
      headers: { cookie },
    });
    assert.deepEqual([status, headers["content-type"], body], [200, "application/javascript", script]);
    const head = await ask(house.port, { host, path, method: "HEAD", headers: { cookie } });
    assert.deepEqual(
      [head.status, head.headers["content-length"], head.body],
      [200, String(script.length), ""],
    );
    assert.deepEqual(reached(house), []);
  }));

test("who is not inside gets nothing: without a cookie, by another session's, from another site, after the end", () =>
  withFiles(async (house) => {
    const other = await addPlace(house, "bob", house.inside.socket);
    const own = await enter(house, house.first);
    const { host } = house.first;
    const status = async (headers: Record<string, string>) =>
      (await ask(house.port, { host, path, headers })).status;
    assert.equal(await status({}), 404);
    assert.equal(await status({ cookie: await enter(house, other) }), 404);
    const elsewhere = {
      "sec-fetch-site": "same-site",
      "sec-fetch-mode": "no-cors",
      "sec-fetch-dest": "script",
    };
    assert.equal(await status({ cookie: own, ...elsewhere }), 403);
    assert.equal(await status({ cookie: own }), 200);
    await happen(house, house.first, { type: "stop-requested", reason: "user", by: "ada" });
    await until(
      async () => (await status({ cookie: own })) === 410 || (await status({ cookie: own })) === 409,
    );
  }));

test("what is not listed, spelt otherwise, or asked for otherwise is the session's to answer", () =>
  withFiles(async (house) => {
    const cookie = await enter(house, house.first);
    const { host, origin } = house.first;
    // A page of an older build asks by the names of its own build.
    const others = ["/static/lab/main.fedcba9876543210.js", path.replace("main", "%6dain"), `${path}/`];
    for (const one of others) {
      const { body } = await ask(house.port, { host, path: one, headers: { cookie } });
      assert.equal(body, JSON.stringify({ url: one }));
    }
    const posted = { host, path, method: "POST", headers: { cookie, origin }, body: "{}" };
    assert.equal((await ask(house.port, posted)).body, JSON.stringify({ url: path }));
    assert.equal(house.inside.seen.length, others.length + 1);
  }));

test("a file that is gone or was changed on the disk is the session's to answer", () =>
  withFiles(async (house, folder) => {
    const cookie = await enter(house, house.first);
    const { host } = house.first;
    const file = join(folder, "environment/share/jupyter/lab/static/main.0123456789abcdef.js");
    const body = async () => (await ask(house.port, { host, path, headers: { cookie } })).body;
    await writeFile(file, "shorter");
    assert.equal(await body(), JSON.stringify({ url: path }));
    await rm(file);
    assert.equal(await body(), JSON.stringify({ url: path }));
  }));

test("a file goes only as fast as it is taken, and is cut when the right is lost", () =>
  withFiles(async (house) => {
    const cookie = await enter(house, house.first);
    const before = process.memoryUsage().rss;
    const socket = connect(house.port, "127.0.0.1");
    let closed = false;
    socket
      .on("error", () => {})
      .on("close", () => {
        closed = true;
      });
    socket.write(`GET ${large} HTTP/1.1\r\nHost: ${house.first.host}\r\nCookie: ${cookie}\r\n\r\n`);
    await new Promise((resolve) => socket.once("readable", resolve));
    assert.ok(
      process.memoryUsage().rss - before < 32 * 1024 * 1024,
      "a file of 64 MiB is not held in memory",
    );
    house.mayNotRead.add("ada");
    const { host } = house.first;
    // One that is under way at that moment is cut itself.
    const refused = async () => {
      const told = await ask(house.port, { host, path, headers: { cookie } }).catch(() => null);
      return told !== null && told.status !== 200;
    };
    await until(refused);
    socket.resume();
    await until(() => closed);
    assert.ok(socket.bytesRead < 64 * 1024 * 1024, `${socket.bytesRead} bytes came`);
  }));

test("JupyterLab's page says what it will load next; nothing else does", () =>
  withFiles(async (house) => {
    const cookie = await enter(house, house.first);
    const { host } = house.first;
    const link = async (path: string, destination: string) =>
      (await ask(house.port, { host, path, headers: { cookie, "sec-fetch-dest": destination } })).headers
        .link;
    assert.equal(await link("/lab/tree/a.ipynb", "document"), `<${path}?v=1>; rel=preload; as=script`);
    assert.equal(await link("/lab", "document"), `<${path}?v=1>; rel=preload; as=script`);
    assert.equal(await link("/lab/api/settings", "empty"), undefined);
    assert.equal(await link("/labels", "document"), undefined);
  }));
