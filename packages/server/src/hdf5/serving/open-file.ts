import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { library, tried } from "./library.ts";
import { Refusal } from "./refusal.ts";

/** A file that the library has open. */
export interface OpenFile {
  readonly id: bigint;
  readonly place: string;
  readonly name: string;
  /** Answers that hold for as long as the file does not change. */
  readonly known: Map<string, unknown>;
}

interface Held extends OpenFile {
  readonly state: string;
  readonly isBeingWritten: boolean;
}

const signature = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
const mostHeld = 4;
const mostLinks = 8;
const held = new Map<string, Held>();

/** Opens a file, or takes it as it was left when it has not changed since. @throws Refusal */
export function openFile(root: string, name: string): OpenFile {
  const place = join(root, name);
  const state = stateOf(place, name);
  const before = held.get(place);
  if (before !== undefined && before.state === state && !before.isBeingWritten) return before;
  if (before !== undefined) close(before);
  for (const oldest of held.values()) if (held.size >= mostHeld) close(oldest);
  return open(place, name, state);
}

/**
 * The file that a path really leads into, and the path there: what is behind an external link is read from its own file, for
 * the library mistakes the heaps of the two. A link that leads nowhere stays what it is.
 */
export function behindLinks(
  root: string,
  file: OpenFile,
  path: string,
  links = 0,
): readonly [OpenFile, string] {
  const parts = path.split("/").filter((part) => part !== "");
  for (let length = 1; length <= parts.length && links < mostLinks; length += 1) {
    const prefix = `/${parts.slice(0, length).join("/")}`;
    const link = tried(() => library.get_external_link(file.id, prefix));
    if (link?.filename === undefined) continue;
    const place = resolve(dirname(file.place), link.filename);
    const rest = parts.slice(length).map((part) => `/${part}`);
    try {
      const next = openFile(root, relative(root, place));
      return behindLinks(root, next, `${link.obj_path.replace(/\/$/, "")}${rest.join("")}` || "/", links + 1);
    } catch {
      return [file, path];
    }
  }
  return [file, path];
}

/** Closes everything: after a failure the library starts from the file again. */
export function closeFiles(): void {
  for (const file of held.values()) close(file);
}

/** Whether a file beside this one is there and opens; `look` is asked while it is open. */
export function lookInto(place: string, look: (id: bigint) => boolean): boolean {
  try {
    closeSync(openSync(place, "r"));
  } catch {
    return false;
  }
  const id = tried(() => library.open(place, library.H5F_ACC_RDONLY, false, -1, -1)) ?? -1n;
  if (id < 0n) return false;
  try {
    return look(id);
  } finally {
    library.close_file(id);
  }
}

/** What tells one state of a file from another. @throws Refusal when it is not here, or no HDF5 file. */
function stateOf(place: string, name: string): string {
  const descriptor = opened(place, name);
  try {
    const found = fstatSync(descriptor, { bigint: true });
    if (!found.isFile()) throw new Refusal("absent", `File not found! ${name} is no file`);
    const state = [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(" ");
    if (held.get(place)?.state !== state && !hasSignature(descriptor))
      throw new Refusal("broken", `${name} is no HDF5 file`);
    return state;
  } finally {
    closeSync(descriptor);
  }
}

function opened(place: string, name: string): number {
  try {
    return openSync(place, "r");
  } catch (error) {
    const isRefused = ["EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "");
    const reason = isRefused
      ? "Cannot read file: Permission denied!"
      : `File not found! ${name} is not in this dataset`;
    throw new Refusal("absent", reason);
  }
}

/** The library does not always say that a file is being written by its refusal: then the way for such files is tried. */
function open(place: string, name: string, state: string): OpenFile {
  for (const mode of [library.H5F_ACC_RDONLY, library.H5F_ACC_SWMR_READ]) {
    const id = tried(() => library.open(place, mode, false, -1, -1)) ?? -1n;
    if (id < 0n) continue;
    const isBeingWritten = mode === library.H5F_ACC_SWMR_READ;
    const file = { id, place, name, state, isBeingWritten, known: new Map() };
    held.set(place, file);
    return file;
  }
  throw new Refusal(
    "broken",
    `${name} cannot be opened: it is damaged, or it is being written and cannot be read yet`,
  );
}

function close(file: Held): void {
  held.delete(file.place);
  tried(() => library.close_file(file.id));
}

/** The superblock may stand at 0, 512, 1024, 2048 … */
function hasSignature(descriptor: number): boolean {
  const head = Buffer.alloc(8);
  for (let offset = 0; offset <= 1 << 20; offset = offset === 0 ? 512 : offset * 2) {
    const length = readSync(descriptor, head, 0, 8, offset);
    if (length < 8) return false;
    if (head.equals(signature)) return true;
  }
  return false;
}
