import { EndstationError } from "@endstation/core";
import type { FastifyRequest } from "fastify";

const changesNothing = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * What comes with the browser's cookie must come from the portal's own pages. Browsers send `Origin` with every change;
 * where one does not, `Sec-Fetch-Site` must say the same. To look is for own pages too, or for who goes there by a link:
 * a session's page could else have the portal work in her name, and learn from how long that takes.
 * @throws wrong-origin
 */
export function demandSameOrigin({ method, headers }: FastifyRequest, publicOrigin: string): void {
  const { origin, "sec-fetch-site": site } = headers;
  const isOurs = changesNothing.has(method)
    ? site === undefined || site === "same-origin" || site === "none" || isGoingThere(headers)
    : origin === undefined
      ? site === "same-origin"
      : origin === publicOrigin;
  if (!isOurs) throw new EndstationError("wrong-origin", `this was sent by ${origin ?? "an unnamed page"}`);
}

function isGoingThere(headers: FastifyRequest["headers"]): boolean {
  return headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}
