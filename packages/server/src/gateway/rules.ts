import { allowed, type Decision, refuse } from "@endstation/core";

/** What is asked of a session's origin, as far as the rules need it; header names in lower case. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const passedMethods: ReadonlySet<string> = new Set([...safeMethods, "POST", "PUT", "PATCH", "DELETE"]);
/** Named in `Connection`, these would be taken out of a request after it was judged by them. */
const endToEnd = /^(host|cookie|origin|authorization|content-length|transfer-encoding|sec-.*|x-xsrftoken)$/;

export function changesState(method: string): boolean {
  return !safeMethods.has(method);
}

/** Whether a request may be passed on at all: judged once, as it came; it is never rewritten. */
export function wellFormed({ method, target, headers }: Asked): Decision {
  if (!passedMethods.has(method)) return refuse("malformed-request", `the method ${method} is not passed on`);
  if (isForServiceWorker(headers)) return refuse("malformed-request", "service workers are not passed on");
  if (!isPlainTarget(target)) return refuse("malformed-request", "the path has parts that are not passed on");
  if (connectionNames(headers["connection"]).some((name) => endToEnd.test(name)))
    return refuse("malformed-request", "Connection names a header that belongs to the request itself");
  if (headers["transfer-encoding"] !== undefined && !isOnlyChunked(headers))
    return refuse("malformed-request", "the length of the body is not clear");
  return allowed;
}

/** It would stay in the browser behind the session's end, and read the ticket by which she next comes. Browsers always say so. */
function isForServiceWorker(headers: Asked["headers"]): boolean {
  return headers["service-worker"] !== undefined || headers["sec-fetch-dest"] === "serviceworker";
}

function isOnlyChunked(headers: Asked["headers"]): boolean {
  return (
    String(headers["transfer-encoding"]).trim().toLowerCase() === "chunked" &&
    headers["content-length"] === undefined
  );
}

/** The names in a `Connection` header, in lower case. */
export function connectionNames(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return String(value)
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
}

function isPlainTarget(target: string): boolean {
  if (!/^\/(?!\/)[\x21-\x7e]*$/.test(target) || /[\\#]/.test(target)) return false;
  if (!target.includes("%") && !target.includes("/.")) return true;
  const [path = ""] = target.split("?", 1);
  if (/%(?![0-9a-f]{2})/i.test(path) || /%([01][0-9a-f]|7f|5c)/i.test(path)) return false;
  const segments = path.replaceAll(/%2f/gi, "/").replaceAll(/%2e/gi, ".").split("/");
  return !segments.some((segment) => segment === "." || segment === "..");
}

/**
 * Whether a request comes from the session's own pages. From elsewhere only going there counts: a link or an address
 * typed. Neighbouring sessions are "same-site" to a browser and get its Lax cookies sent: they are elsewhere too.
 */
export function ownPages(asked: Asked, ownOrigin: string): Decision {
  const origin = asked.headers["origin"];
  const site = asked.headers["sec-fetch-site"];
  if (origin !== undefined && origin !== ownOrigin) return foreign;
  const isOwn = origin === ownOrigin || site === "same-origin";
  if (changesState(asked.method)) return isOwn && !isElsewhere(site) ? allowed : foreign;
  return isElsewhere(site) && !isGoingThere(asked) ? foreign : allowed;
}

/** Whether an upgrade comes from the session's own pages: browsers always send `Origin`, so a missing one is refused. */
export function ownUpgrade({ method, headers }: Asked, ownOrigin: string): Decision {
  if (headers["origin"] !== ownOrigin || isElsewhere(headers["sec-fetch-site"])) return foreign;
  const isWebSocket = method === "GET" && headers["upgrade"]?.toString().toLowerCase() === "websocket";
  const isAsked = connectionNames(headers["connection"]).includes("upgrade");
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
  if (isWebSocket && isAsked && !hasBody) return allowed;
  return refuse("malformed-request", "only WebSockets are passed on");
}

const foreign = refuse("wrong-origin", "another site asked for this; nothing was done");

function isElsewhere(site: string | string[] | undefined): boolean {
  return site !== undefined && site !== "same-origin" && site !== "none";
}

function isGoingThere({ method, headers }: Asked): boolean {
  return (
    method === "GET" && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document"
  );
}
