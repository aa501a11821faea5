import { z } from "zod";

/** A folder as the portal sees it and where the provider sees it, for the configuration of an adapter. */
export const pathPair = z.strictObject({
  here: z.string().startsWith("/").describe("A folder as the portal sees it"),
  there: z.string().startsWith("/").describe("The same folder where sessions run"),
});

export type PathPair = z.infer<typeof pathPair>;

/** The entry whose folder holds `path`, the innermost one, and the rest of the path below it; null: none holds it. */
export function holderOf<Entry extends { readonly here: string }>(
  entries: readonly Entry[],
  path: string,
): { readonly entry: Entry; readonly below: string } | null {
  const holding = entries.filter(({ here }) => isBelow(path, here));
  const entry = holding.sort((a, b) => b.here.length - a.here.length)[0];
  return entry === undefined ? null : { entry, below: path.slice(entry.here.length).replace(/^\/+/, "") };
}

/** Where the provider sees a folder; without any entry it sees everything where the portal does. Null: it does not see it. */
export function seenThere(pairs: readonly PathPair[], path: string): string | null {
  if (pairs.length === 0) return path;
  const found = holderOf(pairs, path);
  if (found === null) return null;
  const there = found.entry.there.replace(/\/+$/, "");
  return found.below === "" ? there || "/" : `${there}/${found.below}`;
}

function isBelow(path: string, folder: string): boolean {
  const clean = folder.replace(/\/+$/, "");
  return path === clean || path.startsWith(`${clean}/`);
}
