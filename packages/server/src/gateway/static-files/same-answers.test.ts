import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { buildEnvironments } from "../../../../../environments/build.mjs";
import { insideHost } from "../headers.ts";
import { enter } from "../testing/entering.ts";
import { type House, withHouse } from "../testing/house.ts";
import { startJupyter } from "../testing/jupyter.ts";
import { readStaticFiles } from "./list.ts";

/** Every static file of every environment, from the gateway and from the session's own server. */
const state = process.getuid?.() === 0 ? "/var/lib/endstation" : join(homedir(), ".local/state/endstation");
const softwareFolder = process.env["ENDSTATION_SOFTWARE"] ?? join(state, "software");
const skip = existsSync(join(softwareFolder, "environments"))
  ? false
  : "no Python environment is built on this machine yet";

const unpack = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync };
type Packing = keyof typeof unpack;

interface Told {
  readonly status: number;
  readonly type: string | undefined;
  readonly encoding: string | undefined;
  readonly isImmutable: boolean;
  readonly body: Buffer;
}

function ask(options: object, path: string, headers: Record<string, string>): Promise<Told> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, path, headers, agent: false }, async (answer) => {
      try {
        resolve({
          status: answer.statusCode ?? 0,
          type: answer.headers["content-type"],
          encoding: answer.headers["content-encoding"],
          isImmutable: answer.headers["cache-control"]?.includes("immutable") ?? false,
          body: Buffer.concat((await answer.toArray()) as Buffer[]),
        });
      } catch (error) {
        reject(error);
      }
    });
    sent.on("error", reject).end();
  });
}

/** Addresses of all that lies in an environment's static folders, whether the gateway serves it or not. */
async function addressesOf(environment: string): Promise<string[]> {
  const places = {
    "share/jupyter/lab/static": "/static/lab/",
    "share/jupyter/labextensions": "/lab/extensions/",
  };
  const all = Object.entries(places).map(async ([folder, url]) => {
    const entries = await readdir(join(environment, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(
      (entry) => url + join(entry.parentPath, entry.name).slice(join(environment, folder).length + 1),
    );
  });
  return [...(await Promise.all(all)).flat(), "/static/lab/no-such.0123456789abcdef.js"];
}

describe("the gateway and the session's own server give the same", { skip }, async () => {
  const built = skip === false ? await buildEnvironments({ softwareFolder }) : {};
  for (const [name, { path, staticFiles }] of Object.entries(built))
    test(`every static file of ${name}: status, content type and bytes`, async () => {
      assert.ok(staticFiles);
      const files = await readStaticFiles([["nexus", staticFiles]]);
      const jupyter = await startJupyter(path);
      try {
        await withHouse(
          (house) => compare(house, jupyter.socket, path, files.get("nexus")?.size),
          jupyter.socket,
          { staticFiles: files },
        );
      } finally {
        await jupyter.close();
      }
    });
});

async function compare(house: House, socket: string, environment: string, listed = 0): Promise<void> {
  const cookie = await enter(house, house.first);
  const gateway = { host: "127.0.0.1", port: house.port };
  const { host } = house.first;
  const packings = ["br", "zstd", "gzip", "identity"];
  const served = { packed: 0, plain: 0 };
  for (const [n, address] of (await addressesOf(environment)).entries()) {
    const own = await ask({ socketPath: socket }, address, { host: insideHost });
    const accepted = packings[n % packings.length] ?? "";
    const told = await ask(gateway, address, { host, cookie, "accept-encoding": accepted });
    const body = told.encoding === undefined ? told.body : unpack[told.encoding as Packing](told.body);
    assert.deepEqual([told.status, told.type], [own.status, own.type], address);
    assert.ok(body.equals(own.body), `${address}: other bytes`);
    if (told.isImmutable && told.encoding !== undefined) served.packed += 1;
    if (told.encoding === undefined) served.plain += 1;
  }
  assert.ok(listed > 200 && served.packed > listed / 2, `${listed} listed, ${served.packed} came packed`);
}
