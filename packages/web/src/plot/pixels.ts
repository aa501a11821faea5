import { colourAt } from "./colours.ts";
import { type Axis, axisFor, type Scale } from "./scale.ts";

/** The colours' scale of a map. A thousandth at both ends is cut off: dead and hot pixels. Null where nothing can be drawn. */
export function colourAxis(values: readonly (number | null)[], scale: Scale): Axis | null {
  return axisFor(withoutOutliers(values, scale), scale);
}

/** The pixels of a map, four bytes each; missing values stay clear. */
export function pixelsOf(values: readonly (number | null)[], axis: Axis): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4);
  for (const [index, value] of values.entries()) {
    if (value === null || !Number.isFinite(value)) continue;
    const share = axis.place(Math.min(axis.high, Math.max(axis.low, value))) ?? 0;
    const [red, green, blue] = colourAt(share);
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
