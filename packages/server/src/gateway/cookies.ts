/** The cookie by which a browser is inside a session: host-only, never readable by scripts. */
export const visitCookie = "__Host-endstation-visit";

const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

interface Pair {
  readonly name: string;
  readonly value: string;
  readonly text: string;
}

function pairs(header: string): Pair[] {
  return header
    .split(";")
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map((text) => {
      const at = text.indexOf("=");
      return at < 0
        ? { name: "", value: text, text }
        : { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim(), text };
    });
}

/** Browsers compare the prefix without regard to case, and a session's server might too. */
function isOurs(name: string): boolean {
  return name.toLowerCase() === visitCookie.toLowerCase();
}

/** The token in a `Cookie` header; null when there is none, or more than one: then nobody knows whose it is. */
export function visitToken(header: string | undefined): string | null {
  const found = pairs(header ?? "").filter(({ name }) => isOurs(name));
  const [only] = found;
  return found.length === 1 && only?.name === visitCookie && tokenPattern.test(only.value)
    ? only.value
    : null;
}

/** A `Cookie` header without our own; null when nothing is left. */
export function withoutOurs(header: string): string | null {
  const kept = pairs(header).filter(({ name }) => !isOurs(name));
  return kept.length === 0 ? null : kept.map(({ text }) => text).join("; ");
}

/** The `Set-Cookie` that lets a browser in: until it is closed, for this origin only. */
export function setVisitCookie(token: string): string {
  return `${visitCookie}=${token}; Path=/; Secure; HttpOnly; SameSite=Lax`;
}

/** A session's `Set-Cookie` as it may go out: its own, for its own host. Null: it may not. */
export function sessionsSetCookie(header: string): string | null {
  const [pair = "", ...attributes] = header.split(";");
  const [first] = pairs(pair);
  if (first === undefined || isOurs(first.name) || isOurs(first.value.split("=", 1)[0]?.trim() ?? ""))
    return null;
  const kept = attributes.filter((attribute) => !/^\s*domain\s*(=|$)/i.test(attribute));
  return [pair, ...kept].join(";");
}
