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
const notToldInside =
  /^(authorization|cookie|host|origin|referer|expect|forwarded|via|x-forwarded-.*|x-real-ip)$/;

/** What reaches beyond the session's own origin, or is said by the portal in its stead. */
const notToldOutside =
  /^(alt-svc|clear-site-data|strict-transport-security|public-key-pins.*|nel|report-to|set-login|service-worker-allowed|www-authenticate|x-frame-options|referrer-policy|cross-origin-resource-policy|cross-origin-opener-policy)$/;

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
  const dropped = droppedBy(lines);
  const inside = ["host", insideHost];
  const cookies: string[] = [];
  for (const [name, value] of pairsOf(lines)) {
    const key = name.toLowerCase();
    if (key === "cookie") cookies.push(value);
    if (key === "origin" && value === ownOrigin) inside.push(name, insideOrigin);
    if (key === "referer" && value.startsWith(`${ownOrigin}/`))
      inside.push(name, insideOrigin + value.slice(ownOrigin.length));
    if (!dropped(key) && !notToldInside.test(key)) inside.push(name, value);
  }
  const cookie = withoutOurs(cookies.join("; "));
  return cookie === null ? inside : [...inside, "cookie", cookie];
}

/** A session's answer's headers as the browser gets them. */
export function headersOutside(lines: Lines, ownOrigin: string): string[] {
  const dropped = droppedBy(lines);
  const outside: string[] = [];
  for (const [name, value] of pairsOf(lines)) {
    const key = name.toLowerCase();
    if (dropped(key) || notToldOutside.test(key)) continue;
    const told = outsideValue(key, value, ownOrigin);
    if (told !== null) outside.push(name, told);
  }
  return [...outside, ...saidByThePortal];
}

function outsideValue(key: string, value: string, ownOrigin: string): string | null {
  if (key === "set-cookie") return sessionsSetCookie(value);
  if (key === "location") return value.replace(insideAddress, ownOrigin);
  return value;
}

const insideAddress = /^(https?:)?\/\/session\.localhost(?=[/?#]|$)/i;

function droppedBy(lines: Lines): (key: string) => boolean {
  const named = pairsOf(lines).flatMap(([name, value]) =>
    name.toLowerCase() === "connection" ? connectionNames(value) : [],
  );
  return (key) => hopByHop.has(key) || named.includes(key);
}

function pairsOf(lines: Lines): [name: string, value: string][] {
  return Array.from({ length: lines.length / 2 }, (_, n) => [lines[2 * n] ?? "", lines[2 * n + 1] ?? ""]);
}
