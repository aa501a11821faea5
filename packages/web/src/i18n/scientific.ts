const raised = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"] as const;

/** `3×10⁵`, `10⁻³`: with at most so many significant digits. Not for 0. */
export function scientific(value: number, digits: number): string {
  const power = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  const factor = Number((value / 10 ** power).toPrecision(digits));
  const exponent = [...String(Math.abs(power))].map((digit) => raised[Number(digit)]).join("");
  const tens = `10${power < 0 ? "⁻" : ""}${exponent}`;
  return factor === 1 ? tens : `${String(factor).replace("-", "−")}×${tens}`;
}
