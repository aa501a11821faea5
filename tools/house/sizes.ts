import type { Source } from "./source.ts";

/** Files worth a second look: longer than `limit` lines, the longest first. A conversation, not a failure. */
export function longFiles(sources: readonly Source[], limit = 300): string[] {
  return sources
    .map((source) => ({ path: source.path, lines: source.text.split("\n").length }))
    .filter(({ lines }) => lines > limit)
    .sort((a, b) => b.lines - a.lines)
    .map(({ path, lines }) => `${lines} lines: ${path}`);
}
