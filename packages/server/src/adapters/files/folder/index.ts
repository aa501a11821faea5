import { constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Readable } from "node:stream";
import { type FileSource, type OpenFile, Rejected, Unavailable } from "@endstation/core";

export { folderFilesConfig } from "./config.ts";

export interface FolderFilesDeps {
  /** The folder of a dataset as the portal sees it; null when its data are not here. */
  folderOf(dataset: string): Promise<string | null>;
}

const { O_RDONLY, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = constants;

/** Bytes of the files below datasets' folders. */
export function createFolderFiles({ folderOf }: FolderFilesDeps): FileSource<Readable> {
  return {
    open: async (dataset, path) => {
      if (!isSound(path)) return null;
      const folder = await folderOf(dataset);
      if (folder === null) return null;
      try {
        return await openBelow(folder, path);
      } catch (error) {
        return answerTo(error as NodeJS.ErrnoException, path);
      }
    },
  };
}

/** Plain parts with `/` between them: no `..`, no empty part, nothing hidden, no control character. */
function isSound(path: string): boolean {
  return (
    path.length <= 4096 &&
    path.split("/").every((part) => /^[^.\\\p{C}\p{Zl}\p{Zp}][^\\\p{C}\p{Zl}\p{Zp}]*$/u.test(part))
  );
}

/**
 * Follows links first and looks where they lead, then walks there from the folder's own descriptor, a part at a time and
 * following none: whatever is put in the way meanwhile cannot lead it out.
 */
async function openBelow(folder: string, path: string): Promise<OpenFile<Readable> | null> {
  const root = await realpath(folder);
  const place = await realpath(join(root, path));
  if (!place.startsWith(root + sep) || !(await stat(place)).isFile()) return null;
  const file = await walk(root, place.slice(root.length + 1).split("/"));
  const found = await file.stat({ bigint: true }).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  if (!found.isFile()) {
    await file.close();
    return null;
  }
  const etag = [found.ino, found.size, found.mtimeNs, found.ctimeNs]
    .map((part) => part.toString(36))
    .join("-");
  return {
    sizeBytes: Number(found.size),
    etag,
    read: ({ start, end }) =>
      file.createReadStream({ start, end, autoClose: true, highWaterMark: 256 * 1024 }),
    close: () => file.close(),
  };
}

async function walk(root: string, parts: readonly string[]): Promise<FileHandle> {
  let at = await open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const flags = O_RDONLY | O_NOFOLLOW | (isLast ? O_NONBLOCK : O_DIRECTORY);
    const parent = at;
    try {
      at = await open(`/proc/self/fd/${parent.fd}/${part}`, flags);
    } finally {
      await parent.close();
    }
  }
  return at;
}

function answerTo(error: NodeJS.ErrnoException, path: string): null {
  const code = error.code ?? "unknown";
  if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "ENAMETOOLONG", "ENODEV"].includes(code)) return null;
  if (code === "EACCES" || code === "EPERM")
    throw new Rejected("file-unreadable", `${path} may not be read by the portal's account`);
  throw new Unavailable(`${path} cannot be opened (${code})`);
}
