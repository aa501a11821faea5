import { formatDay, formatExact, formatMinute, formatRelative } from "../i18n/format.ts";
import { useNow } from "./useNow.ts";

/** A moment; pointing at it shows the second and the time zone. */
export function When({ at, as = "minute" }: { at: string; as?: "day" | "minute" | "relative" }) {
  return (
    <time dateTime={at} title={formatExact(at)}>
      {as === "relative" ? <Relative at={at} /> : as === "day" ? formatDay(at) : formatMinute(at)}
    </time>
  );
}

function Relative({ at }: { at: string }) {
  const now = useNow(15_000);
  return formatRelative(at, now);
}
