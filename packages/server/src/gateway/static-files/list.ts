import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** Packings that browsers name in `Accept-Encoding`. */
export type Encoding = "br" | "zstd" | "gzip";

/** A file of an environment as it lies on the portal's machine: as it is, and packed. */
export interface StaticFile {
  readonly type: string;
  readonly sha256: string;
  readonly plain: Stored;
  readonly packed: ReadonlyMap<Encoding, Stored>;
  /** Addresses that whoever asks for it asks for next. */
  readonly companions: readonly string[];
}

export interface Stored {
  readonly path: string;
  readonly size: number;
}

/** What the gateway may serve in sessions' stead: by environment, then by the address' path exactly as it is asked for. */
export type StaticFiles = ReadonlyMap<string, ReadonlyMap<string, StaticFile>>;

const size = z.int().nonnegative();
const list = z.strictObject({
  environment: z.string(),
  packed: z.string(),
  files: z.record(
    z.string().startsWith("/"),
    z.strictObject({
      file: z.string(),
      type: z.string(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      size,
      encodings: z.partialRecord(z.enum(["br", "zstd", "gzip"]), size),
      companions: z.array(z.string().regex(/^\/[A-Za-z0-9@._/?=-]+$/)).default([]),
    }),
  ),
});

/**
 * Reads the lists that were made when the environments were built (`environments/lib/static-files.mjs`). Every name in them
 * carries the hash of its content, so a session of an older build that asks by the same name gets the same bytes, and one
 * that asks by another name is answered by its own server.
 */
export async function readStaticFiles(
  lists: Iterable<readonly [environment: string, list: string]>,
): Promise<StaticFiles> {
  const read = [...lists].map(async ([environment, file]) => [environment, await readList(file)] as const);
  return new Map(await Promise.all(read));
}

async function readList(path: string): Promise<ReadonlyMap<string, StaticFile>> {
  const { environment, packed, files } = list.parse(JSON.parse(await readFile(path, "utf8")));
  const found = Object.entries(files).map(([url, { file, type, sha256, size, encodings, companions }]) => {
    const forms = Object.entries(encodings).map(
      ([encoding, size]) =>
        [encoding as Encoding, { path: join(packed, `${sha256}.${encoding}`), size }] as const,
    );
    const plain = { path: join(environment, file), size };
    return [url, { type, sha256, plain, packed: new Map(forms), companions }] as const;
  });
  return new Map(found);
}
