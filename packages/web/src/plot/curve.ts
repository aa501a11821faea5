import type { Axis } from "./scale.ts";

/** A point on paper: 0…1 to the right and up. */
export type Point = readonly [x: number, y: number];

/** The drawable runs of a curve, broken where a value is missing; at most `most` points each column keeps its extremes. */
export function runsOf(
  x: Axis,
  y: Axis,
  xs: readonly (number | null)[],
  ys: readonly (number | null)[],
  most = 600,
): Point[][] {
  const runs: Point[][] = [[]];
  for (let index = 0; index < Math.min(xs.length, ys.length); index += 1) {
    const [right, up] = [x.place(xs[index] ?? null), y.place(ys[index] ?? null)];
    if (right === null || up === null) runs.push([]);
    else runs.at(-1)?.push([right, up]);
  }
  return runs.filter((run) => run.length > 0).map((run) => thinned(run, most));
}

/** Keeps the lowest and the highest point of each step, so that no peak is lost. */
function thinned(run: Point[], most: number): Point[] {
  if (run.length <= most) return run;
  const step = Math.ceil((run.length * 2) / most);
  const kept: Point[] = [];
  for (let start = 0; start < run.length; start += step) {
    const part = run.slice(start, start + step);
    const low = part.reduce((best, point) => (point[1] < best[1] ? point : best));
    const high = part.reduce((best, point) => (point[1] > best[1] ? point : best));
    kept.push(...(low === high ? [low] : [low, high].sort((a, b) => a[0] - b[0])));
  }
  return kept;
}

/** An SVG path through the runs in a box of the given size; a lone point becomes a dot. */
export function pathOf(runs: readonly Point[][], width: number, height: number): string {
  return runs
    .map((run) => {
      const points = run.map(([x, y]) => `${(x * width).toFixed(1)} ${((1 - y) * height).toFixed(1)}`);
      return points.length === 1 ? `M${points[0]}h.01` : `M${points.join("L")}`;
    })
    .join("");
}
