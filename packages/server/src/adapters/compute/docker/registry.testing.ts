import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

/** A registry of one image, which is another one's image and a layer that no engine has yet. */
export interface TestRegistry {
  /** `name@digest`, at an address of its own. */
  readonly image: string;
  /** Answers nothing until it is released. */
  hold(): void;
  release(): void;
  /** How many downloads of the new layer were broken off. */
  brokenOff(): number;
  close(): Promise<void>;
}

export interface TestRegistryOptions {
  /** The image to build on, as `registry/name@digest`. */
  readonly on: string;
  readonly layerMiB?: number;
  /** How long the new layer takes to come, in milliseconds. */
  readonly takes?: number;
  /** `name:password`; without one everybody may pull. */
  readonly login?: string;
}

const types = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
};
const repository = "endstation/test";
const parts = 40;

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly object[];
}

export async function createTestRegistry(options: TestRegistryOptions): Promise<TestRegistry> {
  const { on, layerMiB = 1, takes = 0, login } = options;
  const [, address = "", name = "", upstreamDigest = ""] = /^([^/]+)\/([^@]+)@(.*)$/.exec(on) ?? [];
  const upstream = (path: string) =>
    fetch(`http://${address}/v2/${name}/${path}`, { headers: { accept: types.manifest } });
  const given = (await (await upstream(`manifests/${upstreamDigest}`)).json()) as Manifest;
  const image = (await (await upstream(`blobs/${given.config.digest}`)).json()) as {
    rootfs: { type: string; diff_ids: string[] };
  };

  const tar = tarOf("opt/new-layer", randomBytes(layerMiB * 1024 * 1024));
  const layer = gzipSync(tar, { level: 1 });
  const rootfs = { ...image.rootfs, diff_ids: [...image.rootfs.diff_ids, digestOf(tar)] };
  // What it would be called: the history must tell of as many layers as there are, or of none.
  const config = Buffer.from(JSON.stringify({ ...image, history: undefined, rootfs }));
  const manifest = Buffer.from(
    JSON.stringify({
      ...given,
      config: { ...given.config, digest: digestOf(config), size: config.length },
      layers: [...given.layers, { mediaType: types.layer, digest: digestOf(layer), size: layer.length }],
    }),
  );

  let held = Promise.resolve();
  let letGo = () => {};
  let broken = 0;
  const sendLayer = async (response: ServerResponse) => {
    response.writeHead(200, { "content-length": layer.length });
    response.once("close", () => {
      if (!response.writableFinished) broken += 1;
    });
    const size = Math.ceil(layer.length / parts);
    for (let at = 0; at < layer.length && !response.destroyed; at += size) {
      response.write(layer.subarray(at, at + size));
      await sleep(takes / parts);
    }
    response.end();
  };
  const answer = async ({ url = "", method, headers }: IncomingMessage, response: ServerResponse) => {
    const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString("base64")}`;
    if (wanted !== undefined && headers.authorization !== wanted)
      return response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
    if (url === "/v2/") return response.end();
    await held;
    if (url.endsWith(digestOf(layer))) return sendLayer(response);
    const own = [manifest, config].find((bytes) => url.endsWith(digestOf(bytes)));
    if (own !== undefined) {
      const type = own === manifest ? types.manifest : "application/octet-stream";
      const digest = digestOf(own);
      response.writeHead(200, {
        "content-type": type,
        "content-length": own.length,
        "docker-content-digest": digest,
      });
      return response.end(method === "HEAD" ? undefined : own);
    }
    if (!url.includes("/blobs/")) return response.writeHead(404).end();
    const blob = await upstream(url.slice(url.indexOf("blobs/")));
    response.writeHead(blob.status);
    Readable.fromWeb(blob.body as never).pipe(response);
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    image: `127.0.0.1:${port}/${repository}@${digestOf(manifest)}`,
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      letGo = resolve;
    },
    release: () => letGo(),
    brokenOff: () => broken,
    close: async () => {
      letGo();
      server.closeAllConnections();
      server.close();
    },
  };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** One file as a tar archive (POSIX ustar). */
function tarOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 7) + octal(0, 7) + octal(0, 7) + octal(content.length, 11) + octal(0, 11), 100);
  header.write(`        0`, 148);
  header.write("ustar\x0000", 257);
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  );
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}
