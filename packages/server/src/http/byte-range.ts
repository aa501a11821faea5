/** What a `Range` header asks of a file of a known size. */
export type RangeAnswer =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  | { readonly kind: "outside" };

const whole: RangeAnswer = { kind: "whole" };
const outside: RangeAnswer = { kind: "outside" };

/**
 * One range of bytes as RFC 9110 has it, with `-n` for the last n. Another unit and several ranges at once are answered
 * with the whole file, which is allowed; a range that is malformed or not in the file is `outside`.
 */
export function rangeOf(header: string | undefined, size: number): RangeAnswer {
  if (header === undefined) return whole;
  const [unit, ranges] = split(header);
  if (unit !== "bytes" || ranges.includes(",")) return whole;
  const match = /^\s*(\d{0,16})-(\d{0,16})\s*$/.exec(ranges);
  const [first, last] = [match?.[1] ?? "", match?.[2] ?? ""];
  if (first === "" && last === "") return outside;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  const isReversed = first !== "" && last !== "" && Number(last) < Number(first);
  return isReversed || start >= size || start > end ? outside : { kind: "part", start, end };
}

function split(header: string): [unit: string, ranges: string] {
  const at = header.indexOf("=");
  return at < 0 ? ["", ""] : [header.slice(0, at).trim().toLowerCase(), header.slice(at + 1)];
}
