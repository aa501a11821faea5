import { bold, plain, type Terminal } from "./terminal.ts";

export interface Column<Row> {
  readonly title: string;
  of(row: Row): string;
  /** May be cut off with "…" where the line would be too long. Ids never are. */
  readonly cut?: boolean;
}

const gap = 2;
const narrowest = 8;

/** Rows under titles, within the terminal's width as far as ids allow. */
export function table<Row>(
  terminal: Terminal,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  const cells = rows.map((row) => columns.map((column) => plain(column.of(row))));
  const widths = widthsOf(terminal.columns, columns, cells);
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => fitted(text, widths[index] ?? 0))
      .join(" ".repeat(gap))
      .trimEnd();
  const titles = bold(terminal, line(columns.map(({ title }) => title.toUpperCase())));
  return [titles, ...cells.map(line)].join("\n");
}

/** Titles and values, one a line. */
export function list(entries: readonly (readonly [title: string, value: string | null])[]): string {
  const shown = entries.filter(([, value]) => value !== null && value !== "");
  const width = Math.max(...shown.map(([title]) => title.length));
  return shown.map(([title, value]) => `${title.padEnd(width)}  ${plain(value ?? "")}`).join("\n");
}

function widthsOf<Row>(room: number, columns: readonly Column<Row>[], cells: readonly string[][]): number[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => lengthOf(row[index] ?? ""))),
  );
  let excess = widths.reduce((sum, width) => sum + width, 0) + gap * (columns.length - 1) - room;
  while (excess > 0) {
    const widest = widestCut(columns, widths);
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function widestCut<Row>(columns: readonly Column<Row>[], widths: readonly number[]): number {
  let widest = -1;
  for (const [index, { cut }] of columns.entries()) {
    const width = widths[index] ?? 0;
    if (cut === true && width > narrowest && width > (widths[widest] ?? 0)) widest = index;
  }
  return widest;
}

function fitted(text: string, width: number): string {
  const missing = width - lengthOf(text);
  if (missing >= 0) return text + " ".repeat(missing);
  return `${[...text].slice(0, Math.max(0, width - 1)).join("")}…`;
}

function lengthOf(text: string): number {
  return [...text].length;
}
