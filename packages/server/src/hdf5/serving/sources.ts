import { dirname, resolve } from "node:path";
import { cleanText } from "../worker/text.ts";
import { library, type Metadata, tried } from "./library.ts";
import { lookInto, type OpenFile } from "./open-file.ts";

const mostLooked = 64;

/**
 * Why a virtual dataset has no values: none of the files that it is made of is here. HDF5 itself gives fill values for them
 * without a word, and they are no data. Null when at least one is.
 */
export function missingSources(
  file: OpenFile,
  path: string,
  { virtual_sources: sources }: Metadata,
): string | null {
  if (sources === undefined || sources.length === 0) return null;
  const known = file.known.get(path);
  if (known === null || typeof known === "string") return known;
  const home = dirname(file.place);
  const isThere = sources
    .slice(0, mostLooked)
    .some(({ file_name: name, dset_name: dataset }) =>
      name === "."
        ? isDataset(file.id, firstOf(dataset))
        : lookInto(resolve(home, firstOf(name)), (id) => isDataset(id, firstOf(dataset))),
    );
  const missing = isThere ? null : wordsFor(file, sources);
  file.known.set(path, missing);
  return missing;
}

function wordsFor(file: OpenFile, sources: NonNullable<Metadata["virtual_sources"]>): string {
  const names = new Set(
    sources
      .slice(0, mostLooked)
      .map(({ file_name: name, dset_name: dataset }) =>
        name === "." ? targetOf(file.id, firstOf(dataset)) : firstOf(name),
      ),
  );
  const told = [...names].slice(0, 3).map((name) => cleanText(name, 80) ?? "?");
  const more = names.size > told.length ? ` and ${names.size - told.length} more` : "";
  return `its values are in files that are not here: ${told.join(", ")}${more}`;
}

/** Sources may be numbered by `%b`: the first one stands for all. */
function firstOf(name: string): string {
  return name.replaceAll("%b", "0").replaceAll("%%", "%");
}

function isDataset(id: bigint, path: string): boolean {
  return tried(() => library.get_type(id, path.startsWith("/") ? path : `/${path}`)) === library.H5G_DATASET;
}

/** Where the link behind a source leads, when the source is a link of this very file. */
function targetOf(id: bigint, path: string): string {
  return (
    tried(() => library.get_external_link(id, path.startsWith("/") ? path : `/${path}`))?.filename ?? path
  );
}
