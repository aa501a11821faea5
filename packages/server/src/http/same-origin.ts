import { EndstationError } from "@endstation/core";
import type { FastifyRequest } from "fastify";

const changesNothing = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * A change that comes with the browser's cookie must come from the portal's own pages. Browsers send `Origin` with every
 * change; where one does not, `Sec-Fetch-Site` must say the same.
 * @throws wrong-origin
 */
export function demandSameOrigin(request: FastifyRequest, publicOrigin: string): void {
  if (changesNothing.has(request.method)) return;
  const { origin } = request.headers;
  const isOurs =
    origin === undefined ? request.headers["sec-fetch-site"] === "same-origin" : origin === publicOrigin;
  if (!isOurs) throw new EndstationError("wrong-origin", `this was sent by ${origin ?? "an unnamed page"}`);
}
