import { closeSync, openSync, readSync } from "node:fs";
import h5wasm from "h5wasm/node";
import { type FilePlot, type FileReading, unread } from "../reading.ts";
import { noteFault, reasonOf } from "./faults.ts";
import { attributeOf, classOf, type Group, membersOf, textOf } from "./hdf5.ts";
import { brokenLinks, setOpenFile } from "./links.ts";
import { plotOf } from "./plot.ts";
import { type Summary, summaryOf } from "./summary.ts";

const signature = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
const hdf4 = Buffer.from([0x0e, 0x03, 0x13, 0x01]);
const mostEntries = 24;

/** Reads what a file says of itself; what cannot be read is said in the answer, never thrown. */
export function readFile(path: string): FileReading {
  try {
    const hindrance = hindranceOf(path);
    return hindrance === null ? readOpened(path) : unread(hindrance);
  } catch (error) {
    noteFault();
    return unread(`it cannot be read: ${reasonOf(error)}`);
  }
}

/** Why it is no HDF5 file at all. The superblock may stand at 0, 512, 1024, 2048 … */
function hindranceOf(path: string): string | null {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(8);
    for (let offset = 0; offset <= 1 << 20; offset = offset === 0 ? 512 : offset * 2) {
      const length = readSync(file, head, 0, 8, offset);
      if (length === 8 && head.equals(signature)) return null;
      if (offset === 0 && length === 0) return "it is empty";
      if (offset === 0 && head.subarray(0, 4).equals(hdf4)) return "it is HDF4, which is not read here";
      if (length < 8) break;
    }
    return "it is named like an HDF5 file but is none";
  } finally {
    closeSync(file);
  }
}

function readOpened(path: string): FileReading {
  const file = open(path);
  setOpenFile(path);
  const entries = entriesOf(file);
  const told = entries.map(summaryOf);
  const first = <Key extends keyof Summary>(key: Key) => told.find((one) => one[key] !== null)?.[key] ?? null;
  const definitions = new Set(
    told.map((one) => one.definition).filter((one) => one !== null && !isBaseClass(one)),
  );
  const plot = plotOf(file, first("title"));
  return {
    problem: null,
    remarks: [...brokenLinks(file), ...hindrancesOf(plot)],
    title: first("title"),
    startTime: first("startTime"),
    endTime: first("endTime"),
    instrument: first("instrument"),
    definitions: [...definitions].slice(0, 8) as string[],
    sample: first("sample"),
    parameters: told[0]?.parameters ?? [],
    plot,
  };
}

/** A plot that is declared and cannot be drawn is worth a remark; one that is not declared is none. */
function hindrancesOf(plot: FilePlot): string[] {
  return plot.shape === "none" && /^its values /.test(plot.why) ? [plot.why] : [];
}

/** A file that is being written can often still be read as such. */
function open(path: string): Group {
  try {
    return opened(path, "r");
  } catch (error) {
    noteFault();
    try {
      return opened(path, "Sr");
    } catch {
      throw error;
    }
  }
}

function opened(path: string, mode: "r" | "Sr"): Group {
  const file = new h5wasm.File(path, mode);
  if (file.file_id < 0n) throw new Error("HDF5 does not open it");
  return file;
}

/** The entries of a file, the one that it names as its default first. */
function entriesOf(file: Group): Group[] {
  const named = textOf(attributeOf(file, "default"), 500)?.replace(/^\/+/, "").split("/")[0];
  const groups = membersOf(file).flatMap((member) => (member.kind === "group" ? [member] : []));
  const isDefault = (name: string) => Number(name === named);
  return groups
    .sort((a, b) => isDefault(b.name) - isDefault(a.name))
    .map((member) => member.group)
    .filter((group) => classOf(group) === "NXentry")
    .slice(0, mostEntries);
}

/** Some writers put the name of a base class where the application definition belongs. */
function isBaseClass(definition: string): boolean {
  return /^(NXentry|NXroot|NXdata)$/.test(definition);
}
