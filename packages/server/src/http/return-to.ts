/**
 * Where a log-in comes back to: an address on the portal itself, or its first page when what was asked for is anything
 * else. Backslashes and control characters are refused because browsers read some of them as slashes or leave them out.
 */
export function safeReturnTo(asked: unknown): string {
  if (typeof asked !== "string" || asked.length > 2000) return "/";
  if (!/^\/(?![/\\])[^\\\p{Cc}\p{Zs}]*$/u.test(asked)) return "/";
  const origin = "http://portal.invalid";
  const url = URL.parse(asked, origin);
  if (url === null || url.origin !== origin || url.pathname.startsWith("//")) return "/";
  return /^\/(auth|api|development-issuer)(\/|$)/.test(url.pathname)
    ? "/"
    : url.pathname + url.search + url.hash;
}
