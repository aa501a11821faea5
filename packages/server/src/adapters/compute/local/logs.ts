import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** The last `maxBytes` of what a session wrote, from whole lines where it is cut; empty when it wrote nothing. */
export async function lastOf(folder: string, maxBytes: number): Promise<string> {
  const newest = await tail(join(folder, "log"), maxBytes);
  const older =
    newest.length < maxBytes ? await tail(join(folder, "log.1"), maxBytes - newest.length) : Buffer.alloc(0);
  const all = Buffer.concat([older, newest]);
  const text = all.toString("utf8");
  const cut = all.length === maxBytes;
  return cut ? text.slice(text.indexOf("\n") + 1) : text;
}

/** Never through a link, although no session can make one there. */
async function tail(path: string, maxBytes: number): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (file === null) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - maxBytes);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
