/** A viewer's target, taken apart: decoded path and the few parameters that are looked at. Null: not one that anybody needs. */
export interface Target {
  /** As it came, without the query. */
  readonly raw: string;
  /** Decoded, from the first character. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export function targetOf(target: string): Target | null {
  const [raw = "", query = ""] = target.split("?", 2);
  if (raw.includes("//") || /%(2f|5c|00|25)/i.test(raw)) return null;
  try {
    const path = decodeURIComponent(raw);
    return path.split("/").some((part) => part === "." || part === "..")
      ? null
      : { raw, path, query: new URLSearchParams(query) };
  } catch {
    return null;
  }
}

/** The same for the session's server: every part encoded by us. */
export function encoded(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** What is the same for everybody in the environment: read only, by nature. */
const common: readonly RegExp[] = [
  /^\/static\/[\w@./~+-]+$/,
  /^\/lab\/extensions\/[\w@./~+-]+$/,
  /^\/lab\/api\/themes\/[\w@./~+-]+$/,
  /^\/lab\/api\/translations\/[\w-]*$/,
  /^\/lab\/api\/settings(\/[\w@:./-]+)?$/,
  /^\/kernelspecs\/[\w.-]+\/logo-[\w.-]+$/,
  /^\/api\/kernelspecs$/,
];

/** The path that is asked of the session's server in the viewer's stead, where this is one of those; null otherwise. */
export function commonPath({ path, query }: Target): string | null {
  if (!common.some((pattern) => pattern.test(path))) return null;
  const version = query.get("v");
  return version !== null && /^[0-9a-f]{1,128}$/.test(version)
    ? `${encoded(path)}?v=${version}`
    : encoded(path);
}
