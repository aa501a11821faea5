import { colourAt } from "./colours.ts";
import { axisFor, type Scale } from "./scale.ts";

/** The pixels of a map, four bytes each; missing values stay clear. A thousandth at both ends is cut off: dead and hot pixels. */
export function pixelsOf(values: readonly (number | null)[], scale: Scale): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4);
  const axis = axisFor(withoutOutliers(values, scale), scale);
  if (axis === null) return pixels;
  const clamp = (value: number) => Math.min(axis.high, Math.max(axis.low, value));
  for (const [index, value] of values.entries()) {
    if (value === null || !Number.isFinite(value)) continue;
    const [red, green, blue] = colourAt(axis.place(clamp(value)) ?? 0);
    pixels.set([red, green, blue, 255], index * 4);
  }
  return pixels;
}

function withoutOutliers(values: readonly (number | null)[], scale: Scale): number[] {
  const isDrawn = (value: number | null): value is number =>
    value !== null && Number.isFinite(value) && (scale === "linear" || value > 0);
  const drawn = values.filter(isDrawn);
  const sorted = Float64Array.from(
    drawn.length > 0 ? drawn : values.filter((value) => value !== null),
  ).sort();
  const cut = Math.floor(sorted.length / 1000);
  return [...sorted.subarray(cut, sorted.length - cut)];
}
