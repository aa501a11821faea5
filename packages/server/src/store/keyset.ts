import { EndstationError, type Page, type PageRequest } from "@endstation/core";

/** Where a page ended: the sort key and the id of its last row. */
export interface Position {
  readonly sortAt: number;
  readonly id: string;
}

/** @throws malformed-request for a cursor that {@link cursorAt} did not make. */
export function positionOf(cursor: string | null): Position | null {
  if (cursor === null) return null;
  const parsed = parse(Buffer.from(cursor, "base64url").toString("utf8"));
  if (Array.isArray(parsed) && parsed.length === 2) {
    const [sortAt, id] = parsed as readonly unknown[];
    if (Number.isSafeInteger(sortAt) && typeof id === "string" && !id.includes("\0"))
      return { sortAt: sortAt as number, id };
  }
  throw new EndstationError("malformed-request", "query.cursor: is none that a list of this portal gave");
}

export function cursorAt({ sortAt, id }: Position): string {
  return Buffer.from(JSON.stringify([sortAt, id])).toString("base64url");
}

/** Turns `limit + 1` rows into a page: the one too many only says that there is more. */
export function pageOf<Row extends Position, Item>(
  rows: readonly Row[],
  page: PageRequest,
  item: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const next = rows.length > page.limit && last !== undefined ? cursorAt(last) : null;
  return { items: shown.map(item), next };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
