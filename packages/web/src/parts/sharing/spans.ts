const dayMs = 86_400_000;

/** For how long somebody is let in: until the session ends, or for a while. */
export const spans = ["end", "hour", "day", "week"] as const;
export type Span = (typeof spans)[number];

const lengths: Readonly<Record<Span, number | null>> = {
  end: null,
  hour: dayMs / 24,
  day: dayMs,
  week: 7 * dayMs,
};

export function spanOf(text: string): Span {
  return spans.find((span) => span === text) ?? "end";
}

/** When that is over, as a part of a request. */
export function untilOf(span: Span): { until?: string } {
  const length = lengths[span];
  return length === null ? {} : { until: new Date(Date.now() + length).toISOString() };
}
