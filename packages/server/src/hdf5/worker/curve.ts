import { bounds, rounded } from "./points.ts";

type Numbers = readonly (number | null)[];

/** A curve of at most 500 points that keeps every peak: of each stretch its lowest and its highest point. */
export function thinned(x: Numbers, y: Numbers): { readonly x: Numbers; readonly y: Numbers } {
  const kept = y.length <= bounds.curve ? y.map((_, index) => index) : extremes(y);
  const take = (values: Numbers) => kept.map((index) => roundedOrNull(values[index] ?? null));
  return { x: take(x), y: take(y) };
}

function extremes(y: Numbers): number[] {
  const stretches = bounds.curve / 2;
  const kept: number[] = [];
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const from = Math.floor((stretch * y.length) / stretches);
    const to = Math.floor(((stretch + 1) * y.length) / stretches);
    kept.push(...lowestAndHighest(y, from, to));
  }
  return kept;
}

function lowestAndHighest(y: Numbers, from: number, to: number): number[] {
  let [low, high] = [-1, -1];
  for (let index = from; index < to; index += 1) {
    const value = y[index] ?? null;
    if (value === null) continue;
    if (low < 0 || value < (y[low] as number)) low = index;
    if (high < 0 || value > (y[high] as number)) high = index;
  }
  if (low < 0) return [from];
  return low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
}

/** Middles of a histogram's bins when there is one edge more than values. */
export function middles(edges: Numbers, count: number): Numbers {
  if (edges.length !== count + 1) return edges;
  return edges.slice(0, -1).map((edge, index) => {
    const next = edges[index + 1] ?? null;
    return edge === null || next === null ? null : (edge + next) / 2;
  });
}

/** `log` for values that are positive nearly everywhere and span, or tower over their median by, more than `decades`. */
export function scaleOf(values: Numbers, decades: number): "linear" | "log" {
  const known = values.filter((value) => value !== null);
  const positive = known.filter((value) => value > 0).sort((a, b) => a - b);
  const negative = known.filter((value) => value < 0).length;
  if (positive.length < 3 || negative > known.length / 4 || positive.length < known.length / 5)
    return "linear";
  const at = (share: number) => positive[Math.floor(share * (positive.length - 1))] as number;
  const span = Math.max(at(0.99) / at(0.01), at(1) / at(0.5));
  return Math.log10(span) > decades ? "log" : "linear";
}

/** What cannot be drawn on a logarithmic scale is left out. */
export function drawable(values: Numbers, scale: "linear" | "log"): Numbers {
  return scale === "linear" ? values : values.map((value) => (value !== null && value > 0 ? value : null));
}

function roundedOrNull(value: number | null): number | null {
  return value === null ? null : rounded(value);
}
