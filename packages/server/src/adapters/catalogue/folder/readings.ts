import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CancelSignal } from "@endstation/core";
import { z } from "zod";
import type { Readers } from "../../../hdf5/readers.ts";
import { filePlot, fileReading } from "../../../hdf5/reading-schema.ts";
import { type DatasetReading, joined } from "./dataset-reading.ts";
import { isHdf5 } from "./formats.ts";
import type { Listing } from "./listing.ts";

/** What the files of datasets say, read once and kept in a folder until a file changes. */
export interface Readings {
  of(
    dataset: string,
    folder: string,
    listing: Listing,
    urgent: boolean,
    signal: CancelSignal,
  ): Promise<DatasetReading>;
  /** Forgets what is kept of all others. */
  keepOnly(datasets: { has(dataset: string): boolean }): Promise<void>;
}

/** Counted up when readers learn to see more, so that everything is read again. */
const version = 1;
const mostFiles = 24;

const kept = z.strictObject({
  version: z.literal(version),
  mark: z.string(),
  reading: z.strictObject({
    problems: z.array(z.strictObject({ path: z.string(), problem: z.string() })),
    remarks: z.array(z.string()),
    startTime: fileReading.shape.startTime,
    definitions: z.array(z.string()),
    sample: fileReading.shape.sample,
    parameters: fileReading.shape.parameters,
    plot: filePlot,
  }),
});

export function keepReadings(readers: Readers, folder: string): Readings {
  const running = new Map<string, Promise<DatasetReading>>();
  const fileFor = (dataset: string) => join(folder, `${dataset}.json`);

  const read = async (...[dataset, root, listing, urgent, signal]: Parameters<Readings["of"]>) => {
    const files = listing.files
      .filter((file) => file.problem === null && isHdf5(file.format))
      .slice(0, mostFiles);
    if (files.length === 0) return joined(new Map());
    const known = await load(fileFor(dataset), listing.mark);
    if (known !== null) return known;
    const found = await readers.read({ folder: root, files: files.map((file) => file.path), urgent }, signal);
    const reading = joined(found);
    await save(fileFor(dataset), listing.mark, reading);
    return reading;
  };

  return {
    of: (dataset, root, listing, urgent, signal) => {
      const key = `${dataset} ${listing.mark} ${urgent}`;
      const already = running.get(key);
      if (already !== undefined && !urgent) return already;
      const reading = read(dataset, root, listing, urgent, signal).finally(() => running.delete(key));
      running.set(key, reading);
      return reading;
    },
    keepOnly: async (datasets) => {
      for (const name of await readdir(folder).catch(() => []))
        if (!datasets.has(name.replace(/\.json$/, ""))) await rm(join(folder, name), { force: true });
    },
  };
}

async function load(file: string, mark: string): Promise<DatasetReading | null> {
  try {
    const parsed = kept.safeParse(JSON.parse(await readFile(file, "utf8")));
    return parsed.success && parsed.data.mark === mark ? parsed.data.reading : null;
  } catch {
    return null;
  }
}

/** What cannot be kept is read again: never a reason to fail. */
async function save(file: string, mark: string, reading: DatasetReading): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  try {
    await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
    await writeFile(partial, JSON.stringify({ version, mark, reading }), { mode: 0o600 });
    await rename(partial, file);
  } catch {
    await rm(partial, { force: true }).catch(() => {});
  }
}
