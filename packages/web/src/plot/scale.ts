export type Scale = "linear" | "log";

/** From a value to 0…1 along an axis; null where the value cannot be drawn. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly scale: Scale;
  place(value: number | null): number | null;
}

/** An axis that holds all values; logarithmic ones leave out what is not positive. */
export function axisFor(values: readonly (number | null)[], wanted: Scale): Axis | null {
  const scale = wanted === "log" && values.some(isPositive) ? "log" : "linear";
  const drawn = values.filter((value) => (scale === "log" ? isPositive(value) : isNumber(value)));
  if (drawn.length === 0) return null;
  const [low, high] = widened(extent(drawn as number[]), scale);
  const [from, to] = scale === "log" ? [Math.log10(low), Math.log10(high)] : [low, high];
  const place = (value: number | null) => {
    if (!isNumber(value) || (scale === "log" && !isPositive(value))) return null;
    return ((scale === "log" ? Math.log10(value as number) : (value as number)) - from) / (to - from);
  };
  return { low, high, scale, place };
}

/** Three to seven round values along an axis. */
export function ticksOf({ low, high, scale }: Axis): number[] {
  return scale === "log" ? decades(low, high) : rounds(low, high);
}

function decades(low: number, high: number): number[] {
  const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  if (to - from < 1) return rounds(low, high);
  const step = Math.max(1, Math.ceil((to - from) / 5));
  const count = Math.floor((to - from) / step) + 1;
  return Array.from({ length: count }, (_, index) => 10 ** (from + index * step));
}

function rounds(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step);
}

function isNumber(value: number | null): boolean {
  return value !== null && Number.isFinite(value);
}

function isPositive(value: number | null): boolean {
  return isNumber(value) && (value as number) > 0;
}

function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function widened([low, high]: [number, number], scale: Scale): [number, number] {
  if (low !== high) return [low, high];
  return scale === "log" ? [low / 2, high * 2] : [low - 1, high + 1];
}
