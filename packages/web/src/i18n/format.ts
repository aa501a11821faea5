import { scientific } from "./scientific.ts";

/** Numbers and moments as people read them: in the page's language and the person's time zone. */
const language = (globalThis.navigator?.languages ?? []).find((one) => one.startsWith("en-")) ?? "en-GB";

const sizes = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"] as const;

/** `12.3 MB`; decimal, as facilities count. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  const unit = sizes[step] ?? "byte";
  const maximumFractionDigits = step === 0 || value >= 100 ? 0 : 1;
  const unitDisplay = step === 0 ? "long" : "short";
  const format = { style: "unit", unit, unitDisplay, maximumFractionDigits } as const;
  return new Intl.NumberFormat(language, format).format(value);
}

export function formatNumber(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3)) return scientific(value, 6);
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 6 }).format(value);
}

const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
const minute = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const hourMinute = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });

/** `7 Feb 2001` */
export const formatDay = (at: string): string => day.format(new Date(at));

/** `7 Feb 2001, 15:54` */
export const formatMinute = (at: string): string => minute.format(new Date(at));

/** `15:54:21` */
export const formatClock = (at: string): string => clock.format(new Date(at));

/** With weekday, seconds and time zone: for those who point at it. */
export const formatExact = (at: string): string => exact.format(new Date(at));

/** `7–9 Feb 2001`; open ends as they are. */
export function formatDays(from: string | null, to: string | null): string {
  if (from === null) return to === null ? "" : `– ${formatDay(to)}`;
  return to === null ? `${formatDay(from)} –` : day.formatRange(new Date(from), new Date(to));
}

/** `15:54` on the same day, with the date otherwise. */
export function formatSoon(at: string, now: number): string {
  const moment = new Date(at);
  return moment.toDateString() === new Date(now).toDateString()
    ? hourMinute.format(moment)
    : minute.format(moment);
}

const spans = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** `1h 20m`: the two largest units; below ten seconds with one decimal. */
export function formatSpan(seconds: number, display: "narrow" | "long" = "narrow"): string {
  const positive = Math.max(0, seconds);
  if (positive < 10) return inUnit(positive, "second", 1, display);
  let rest = Math.round(positive);
  const parts: string[] = [];
  for (const [unit, length] of spans) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 && parts.length < 2) parts.push(inUnit(count, unit, 0, display));
    else if (parts.length > 0) break;
  }
  return parts.join(" ");
}

function inUnit(
  value: number,
  unit: string,
  maximumFractionDigits: number,
  unitDisplay: "narrow" | "long",
): string {
  const format = { style: "unit", unit, unitDisplay, maximumFractionDigits } as const;
  return new Intl.NumberFormat(language, format).format(value);
}

const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

/** `in 25 minutes`, `2 hours ago`, `now` */
export function formatRelative(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000;
  const [unit, length] = spans.find(([, span]) => Math.abs(seconds) >= span * 0.95) ?? ["second", 1];
  return relative.format(Math.round(seconds / length), unit);
}

/** `4 GiB`, from MiB. */
export function formatMemory(mebibytes: number): string {
  const gibibytes = mebibytes / 1024;
  const [value, unit] = gibibytes >= 1 ? [gibibytes, "GiB"] : [mebibytes, "MiB"];
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value)} ${unit}`;
}
