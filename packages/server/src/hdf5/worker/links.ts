import { closeSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import h5wasm from "h5wasm/node";
import { noteFault } from "./faults.ts";
import { type Dataset, type Group, membersOf } from "./hdf5.ts";
import { cleanText } from "./text.ts";

const module = await h5wasm.ready;
const bounds = { depth: 5, groups: 300, told: 5, sources: 64 };

/** The file that is open, for links relative to it. */
let openFile = "";

export function setOpenFile(path: string): void {
  openFile = path;
}

/**
 * Names of the files that a virtual dataset is made of and that are not here, or do not have what is taken from them; null
 * when there is none. HDF5 itself gives fill values for them without a word.
 */
export function missingSources(dataset: Dataset): string | null {
  const sources = dataset.metadata.virtual_sources ?? [];
  const missing = new Set<string>();
  for (const { file_name: file, dset_name: name } of sources.slice(0, bounds.sources)) {
    const [first, path] = [firstOf(file), firstOf(name)];
    if (file === ".") {
      if (!isDataset(dataset, path)) missing.add(targetOf(dataset, path));
    } else if (!missing.has(file) && !hasDataset(first, path)) missing.add(file);
  }
  const names = [...missing].map((name) => cleanText(name, 80) ?? "?");
  return names.length === 0 ? null : listed(names);
}

/** Sources may be numbered by `%b`: the first one stands for all. */
function firstOf(name: string): string {
  return name.replaceAll("%b", "0").replaceAll("%%", "%");
}

/** Links of the file's groups that lead to nothing, in words; at most five and a count. */
export function brokenLinks(root: Group): string[] {
  const found: string[] = [];
  let visited = 0;
  const visit = (group: Group, depth: number) => {
    if (visited >= bounds.groups) return;
    visited += 1;
    for (const member of membersOf(group)) {
      if (member.kind === "nowhere")
        found.push(
          `${group.path}/${member.name} leads to ${member.target}, which is not here`.replace(/^\/+/, "/"),
        );
      if (member.kind === "group" && depth < bounds.depth) visit(member.group, depth + 1);
    }
  };
  visit(root, 0);
  const told = found.slice(0, bounds.told).map((text) => cleanText(text) ?? "a link leads nowhere");
  return found.length > bounds.told
    ? [...told, `${found.length - bounds.told} more links lead to nothing`]
    : told;
}

function isDataset(of: Dataset, path: string): boolean {
  try {
    return of.root.get_type(absolute(path)) === module.H5G_DATASET;
  } catch {
    noteFault();
    return false;
  }
}

/** Where the link behind a source leads, when the source is a link of this very file. */
function targetOf(of: Dataset, path: string): string {
  try {
    return of.root.get_external_link(absolute(path)).filename || path;
  } catch {
    noteFault();
    return path;
  }
}

function hasDataset(name: string, path: string): boolean {
  const place = resolve(dirname(openFile), name);
  try {
    closeSync(openSync(place, "r"));
  } catch {
    return false;
  }
  try {
    const file = new h5wasm.File(place, "r");
    const type = file.get_type(absolute(path));
    file.close();
    return type === module.H5G_DATASET;
  } catch {
    noteFault();
    return false;
  }
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

function listed(names: readonly string[]): string {
  const told = names.slice(0, bounds.told).join(", ");
  return names.length > bounds.told ? `${told} and ${names.length - bounds.told} more` : told;
}
