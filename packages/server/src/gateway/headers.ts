import { sessionsSetCookie, withoutOurs } from "./cookies.ts";
import { connectionNames } from "./rules.ts";

/** Header lines as they come and go: name, value, name, value … */
export type Lines = readonly string[];

/** The one host every session's server knows itself by, whatever its origin is outside. */
export const insideHost = "session.localhost";
const insideOrigin = `http://${insideHost}`;

const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What a session's server must not be told: who the caller is to us, and where she comes from. */
const notToldInside: ReadonlySet<string> = new Set([
  ...hopByHop,
  ...["authorization", "cookie", "host", "origin", "referer", "expect", "forwarded", "via", "x-real-ip"],
]);

/** What reaches beyond the session's own origin, or is said by the portal in its stead. */
const notToldOutside: ReadonlySet<string> = new Set([
  ...hopByHop,
  ...["alt-svc", "clear-site-data", "strict-transport-security", "nel", "report-to", "set-login"],
  ...["service-worker-allowed", "www-authenticate", "x-frame-options", "referrer-policy"],
  ...["cross-origin-resource-policy", "cross-origin-opener-policy"],
]);

/** On every answer that comes out of a session, or in its stead. */
export const saidByThePortal: Lines = [
  ...["Content-Security-Policy", "frame-ancestors 'self'"],
  ...["X-Frame-Options", "SAMEORIGIN"],
  ...["Cross-Origin-Resource-Policy", "same-origin"],
  ...["Cross-Origin-Opener-Policy", "same-origin-allow-popups"],
  ...["Referrer-Policy", "same-origin"],
];

/** A request's headers as the session's server gets them. */
export function headersInside(lines: Lines, ownOrigin: string): string[] {
  const named = namedByConnection(lines);
  const inside = ["host", insideHost];
  let cookies: string | null = null;
  for (let n = 0; n < lines.length; n += 2) {
    const [name, value] = [lines[n] as string, lines[n + 1] as string];
    const key = name.toLowerCase();
    if (key === "cookie") cookies = cookies === null ? value : `${cookies}; ${value}`;
    else if (key === "origin" && value === ownOrigin) inside.push(name, insideOrigin);
    else if (key === "referer" && value.startsWith(`${ownOrigin}/`))
      inside.push(name, insideOrigin + value.slice(ownOrigin.length));
    else if (!notToldInside.has(key) && !key.startsWith("x-forwarded-") && !named.includes(key))
      inside.push(name, value);
  }
  const cookie = cookies === null ? null : withoutOurs(cookies);
  if (cookie !== null) inside.push("cookie", cookie);
  return inside;
}

/** A session's answer's headers as the browser gets them. */
export function headersOutside(lines: Lines, ownOrigin: string): string[] {
  const named = namedByConnection(lines);
  const outside: string[] = [];
  for (let n = 0; n < lines.length; n += 2) {
    const [name, value] = [lines[n] as string, lines[n + 1] as string];
    const key = name.toLowerCase();
    if (notToldOutside.has(key) || key.startsWith("public-key-pins") || named.includes(key)) continue;
    const told = outsideValue(key, value, ownOrigin);
    if (told !== null) outside.push(name, told);
  }
  outside.push(...saidByThePortal);
  return outside;
}

function outsideValue(key: string, value: string, ownOrigin: string): string | null {
  if (key === "set-cookie") return sessionsSetCookie(value);
  if (key === "location") return value.replace(insideAddress, ownOrigin);
  return value;
}

const insideAddress = /^(https?:)?\/\/session\.localhost(?=[/?#]|$)/i;

/** What else is only for the next hop, because `Connection` says so. */
function namedByConnection(lines: Lines): readonly string[] {
  let named: readonly string[] = [];
  for (let n = 0; n < lines.length; n += 2)
    if (lines[n]?.length === "connection".length && lines[n]?.toLowerCase() === "connection")
      named = [...named, ...connectionNames(lines[n + 1])];
  return named;
}
