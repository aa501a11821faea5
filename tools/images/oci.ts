import { spawn } from "node:child_process";
import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import { Transform } from "node:stream";
import { createGzip } from "node:zlib";

/** As much of a registry's HTTP API as writing images takes; no container engine is needed. */
export interface Layer {
  readonly repository: string;
  readonly digest: string;
  readonly size: number;
  /** The digest of what is inside, uncompressed. */
  readonly content: string;
}

interface Manifest {
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
  readonly config: { readonly digest: string };
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const configType = "application/vnd.oci.image.config.v1+json";
const layerType = "application/vnd.oci.image.layer.v1.tar+gzip";

export class Registry {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** By which an engine finds it, whatever a tag means later; null where there is no such tag. */
  async find(repository: string, tag: string): Promise<string | null> {
    const response = await this.#ask("HEAD", `/v2/${repository}/manifests/${tag}`, {
      headers: { accept: manifestType },
      besides: 404,
    });
    const digest = response.headers.get("docker-content-digest");
    return response.status === 404 ? null : `${this.#address}/${repository}@${digest}`;
  }

  async layersOf(repository: string, tag: string): Promise<Layer[]> {
    const json = async (path: string) =>
      (await this.#ask("GET", `/v2/${repository}/${path}`, { headers: { accept: manifestType } })).json();
    const manifest = (await json(`manifests/${tag}`)) as Manifest;
    const config = (await json(`blobs/${manifest.config.digest}`)) as { rootfs: { diff_ids: string[] } };
    return manifest.layers.map(({ digest, size }, index) => {
      return { repository, digest, size, content: config.rootfs.diff_ids[index] ?? "" };
    });
  }

  /** Whatever the command writes on its standard output, a tar, as a layer. */
  async pushLayer(repository: string, command: readonly string[]): Promise<Layer> {
    const [program = "", ...words] = command;
    const environment = { ...process.env, SOURCE_DATE_EPOCH: "0" };
    const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"], env: environment });
    const ended = once(child, "exit");
    const [content, blob] = [createHash("sha256"), createHash("sha256")];
    let size = 0;
    const packed = child.stdout
      .pipe(through(content))
      .pipe(createGzip({ level: 1 }))
      .pipe(through(blob, (bytes) => (size += bytes)));
    const place = await this.#beginUpload(repository);
    const patched = await this.#ask("PATCH", place, { body: packed });
    const [code] = await ended;
    if (code !== 0) throw new Error(`${program} ended with ${code}`);
    const digest = digestOf(blob);
    await this.#ask("PUT", withDigest(patched.headers.get("location") ?? "", digest));
    return { repository, digest, size, content: digestOf(content) };
  }

  /** An image of these layers, the lowest first; how engines find it. */
  async pushImage(
    repository: string,
    tag: string,
    layers: readonly Layer[],
    config: object,
  ): Promise<string> {
    for (const { repository: from, digest } of layers)
      if (from !== repository)
        await this.#ask("POST", `/v2/${repository}/blobs/uploads/?mount=${digest}&from=${from}`);
    const rootfs = { type: "layers", diff_ids: layers.map((layer) => layer.content) };
    const configured = await this.#pushBlob(repository, { architecture, os: "linux", config, rootfs });
    const manifest = {
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: configType, ...configured },
      layers: layers.map(({ digest, size }) => ({ mediaType: layerType, digest, size })),
    };
    const headers = { "content-type": manifestType };
    const written = await this.#ask("PUT", `/v2/${repository}/manifests/${tag}`, {
      headers,
      body: JSON.stringify(manifest),
    });
    return `${this.#address}/${repository}@${written.headers.get("docker-content-digest")}`;
  }

  async #pushBlob(repository: string, value: object): Promise<{ digest: string; size: number }> {
    const body = JSON.stringify(value);
    const digest = digestOf(createHash("sha256").update(body));
    await this.#ask("PUT", withDigest(await this.#beginUpload(repository), digest), { body });
    return { digest, size: Buffer.byteLength(body) };
  }

  async #beginUpload(repository: string): Promise<string> {
    const begun = await this.#ask("POST", `/v2/${repository}/blobs/uploads/`);
    return begun.headers.get("location") ?? "";
  }

  async #ask(method: string, path: string, options: Options = {}): Promise<Response> {
    const { besides, ...init } = options;
    const url = new URL(path, `http://${this.#address}`);
    const response = await fetch(url, { method, duplex: "half", ...init } as RequestInit);
    if (response.ok || response.status === besides) return response;
    throw new Error(`${method} ${url.href}: ${response.status} ${await response.text()}`);
  }
}

interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
  /** A status that is an answer, too. */
  readonly besides?: number;
}

const architecture = process.arch === "x64" ? "amd64" : process.arch;

const digestOf = (hash: Hash) => `sha256:${hash.digest("hex")}`;

const withDigest = (place: string, digest: string) =>
  `${place}${place.includes("?") ? "&" : "?"}digest=${digest}`;

function through(hash: Hash, seen: (bytes: number) => void = () => {}): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      hash.update(chunk);
      seen(chunk.length);
      next(null, chunk);
    },
  });
}
