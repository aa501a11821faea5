import type { IncomingMessage, ServerResponse } from "node:http";

const prefix = "__Host-development-";

/**
 * The provider library scopes its cookies by path and cannot mark them Secure on http. Every cookie of the portal is
 * `__Host-`, though (a sibling host could otherwise write it), so they are renamed on the way: the last part of the path
 * goes into the name. The provider's own session is dropped altogether: each log-in asks who it is.
 */
export function renameCookies(request: IncomingMessage, response: ServerResponse): void {
  request.headers.cookie = inward(request.headers.cookie ?? "", request.url ?? "/");
  const writeHead = response.writeHead;
  response.writeHead = ((...parameters: Parameters<typeof writeHead>) => {
    const set = [response.getHeader("set-cookie") ?? []].flat().map(String);
    const renamed = set.map(outward).filter((cookie) => cookie !== null);
    if (renamed.length > 0) response.setHeader("set-cookie", renamed);
    else response.removeHeader("set-cookie");
    return writeHead.apply(response, parameters);
  }) as typeof writeHead;
}

/** The cookies that belong to this address, under the provider's names. */
export function inward(header: string, url: string): string {
  const parts = new Set((url.split("?", 1)[0] ?? "").split("/"));
  return header
    .split(/;\s*/)
    .flatMap((pair) => {
      const match = /^__Host-development-([a-z]+(?:\.sig)?)-([\w-]+)=(.*)$/.exec(pair);
      return match !== null && parts.has(match[2] as string) ? [`${match[1]}=${match[3]}`] : [];
    })
    .join("; ");
}

/** A cookie of the provider as the browser shall keep it; null for one it shall not. */
export function outward(cookie: string): string | null {
  const match = /^(interaction|resume)(\.sig)?=([^;]*)/.exec(cookie);
  const path = /; path=([^;]*)/i.exec(cookie)?.[1] ?? "";
  if (match === null) return null;
  const lifetime = /; expires=[^;]*/i.exec(cookie)?.[0] ?? "";
  const name = `${prefix}${match[1]}${match[2] ?? ""}-${path.split("/").at(-1)}`;
  return `${name}=${match[3]}; Path=/; Secure; HttpOnly; SameSite=Lax${lifetime}`;
}

/** What the provider library leaves behind when a choice was made, in its own words. */
export function endedCookies(uid: string): string[] {
  return ["interaction", "interaction.sig"].map(
    (name) => `${name}=; path=/${uid}; expires=Thu, 01 Jan 1970 00:00:00 GMT`,
  );
}
