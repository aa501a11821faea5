import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { EndstationError, refuse } from "@endstation/core";
import type { Logger } from "pino";
import type { Answer } from "./answers.ts";
import type { Denial } from "./authorize.ts";
import { headOf } from "./forward-upgrade.ts";

/** What went wrong, as an answer; what nobody foresaw goes to the log and stays out of the page. */
export function troubleOf(log: Logger, error: unknown): Denial {
  const isKnown = error instanceof EndstationError;
  if (!isKnown) log.error({ err: error }, "unforeseen error in the gateway");
  const { code, detail } = isKnown ? error : refuse("part-down", "the way into sessions had a fault");
  return { allowed: false, code, detail, session: null };
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  // What is left of a body that nobody reads must not be taken for the next request.
  const closing = response.req.complete ? {} : { Connection: "close" };
  response.writeHead(status, { ...headers, ...closing, "Content-Length": Buffer.byteLength(body) });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

/** The same on a socket that is no longer HTTP's. */
export function sendRaw(socket: Duplex, { status, headers, body }: Answer): void {
  const length = Buffer.byteLength(body).toString();
  const lines = [...Object.entries(headers).flat(), "Content-Length", length, "Connection", "close"];
  socket.end(headOf(status, lines) + body);
}
