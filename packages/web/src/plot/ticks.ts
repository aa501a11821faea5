const raised = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
} as const;

/** A tick's value, short: `0.25`, `1200`, `10⁻³`, `3×10⁵`. */
export function tickLabel(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-2 && size < 1e4) return String(Number(value.toPrecision(4))).replace("-", "−");
  const power = Math.floor(Math.log10(size) + 1e-9);
  const factor = Number((value / 10 ** power).toPrecision(3));
  const exponent = [...String(power)].map((digit) => raised[digit as keyof typeof raised]).join("");
  return factor === 1 ? `10${exponent}` : `${String(factor).replace("-", "−")}×10${exponent}`;
}
