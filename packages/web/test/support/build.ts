import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";

export interface Chunk {
  readonly file: string;
  readonly gzipBytes: number;
  readonly isEntry: boolean;
  /** Chunks that are fetched together with it. */
  readonly imports: readonly string[];
  /** The source files in it. */
  readonly modules: readonly string[];
}

export interface Built {
  readonly folder: string;
  readonly chunks: readonly Chunk[];
  /** Gzipped bytes of all styles. */
  readonly styleBytes: number;
  remove(): Promise<void>;
}

/** Builds the UI, or the viewer's page, as the set-up does, into a folder of its own. */
export async function buildUi(part: "web" | "viewer" = "web"): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), "endstation-web-"));
  const result = await build({
    configFile: join(import.meta.dirname, `../../../${part}/vite.config.ts`),
    logLevel: "warn",
    build: { outDir: folder, reportCompressedSize: false },
  });
  const { output } = result as Rolldown.RolldownOutput;
  const chunks = output.filter((part) => part.type === "chunk");
  const styles = output.filter((part) => part.type === "asset" && part.fileName.endsWith(".css"));
  return {
    folder,
    chunks: chunks.map((chunk) => ({
      file: chunk.fileName,
      gzipBytes: gzipSync(chunk.code).length,
      isEntry: chunk.isEntry,
      imports: chunk.imports,
      modules: Object.keys(chunk.modules),
    })),
    styleBytes: styles.reduce(
      (sum, part) => sum + (part.type === "asset" ? gzipSync(part.source).length : 0),
      0,
    ),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The folders from which a package came into the bundle. */
export function copiesOf({ chunks }: Built, name: string): string[] {
  const folders = chunks
    .flatMap(({ modules }) => modules)
    .flatMap((path) => path.match(new RegExp(`^.*/node_modules/${name}/`)) ?? []);
  return [...new Set(folders)];
}

/** What a browser fetches before the first page's own part. */
export function firstLoad({ chunks }: Built): Chunk[] {
  const byFile = new Map(chunks.map((chunk) => [chunk.file, chunk]));
  const found = new Set<Chunk>();
  const visit = (chunk: Chunk | undefined) => {
    if (chunk === undefined || found.has(chunk)) return;
    found.add(chunk);
    for (const file of chunk.imports) visit(byFile.get(file));
  };
  for (const chunk of chunks) if (chunk.isEntry) visit(chunk);
  return [...found];
}
