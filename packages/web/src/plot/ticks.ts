import { scientific } from "../i18n/scientific.ts";

/** A tick's value, short: `0.25`, `1200`, `10⁻³`, `3×10⁵`. */
export function tickLabel(value: number): string {
  const size = Math.abs(value);
  const isPlain = size === 0 || (size >= 1e-2 && size < 1e4);
  return isPlain ? String(Number(value.toPrecision(4))).replace("-", "−") : scientific(value, 3);
}
