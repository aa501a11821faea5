import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { insideHost } from "../headers.ts";

/** Asks the session's server in the gateway's own words: no header and no body of a viewer's is among them. */
export interface Inside {
  /** A GET whose answer is a stream; for `HEAD` it is empty. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Told>;
  /** A GET, or with a body a PUT, whose answer is JSON; null when it is anything else. @throws when nobody answers. */
  json(path: string, body?: object): Promise<unknown>;
}

export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
}

export const insideOrigin = `http://${insideHost}`;
const mostBytes = 64 * 1024 * 1024;

export function insideOf(upstream: Dispatcher): Inside {
  const ask = async (method: "GET" | "PUT", path: string, headers: Record<string, string>, body?: string) => {
    const answer = await upstream.request({
      ...{ origin: insideOrigin, path, method },
      headers: { accept: "*/*", ...headers },
      ...(body === undefined ? {} : { body }),
    });
    // One that is left unread, or breaks off, says so even where nobody listens any more: that must end nothing of ours.
    answer.body.on("error", () => {});
    return { status: answer.statusCode, headers: answer.headers, body: answer.body };
  };
  return {
    get: (path, headers = {}) => ask("GET", path, { ...headers }),
    json: async (path, body) => {
      const told =
        body === undefined
          ? await ask("GET", path, {})
          : await ask("PUT", path, ownPair(), JSON.stringify(body));
      const text = await textOf(told.body);
      return told.status < 300 && text !== null ? parsed(text) : null;
    },
  };
}

/** Jupyter wants a token in header and cookie: both are ours, made for this one request. */
function ownPair(): Record<string, string> {
  const token = randomBytes(16).toString("hex");
  return {
    ...{ origin: insideOrigin, "content-type": "application/json" },
    ...{ cookie: `_xsrf=${token}`, "x-xsrftoken": token },
  };
}

/** A body as text; null when it is longer than is kept in memory for anybody. */
export async function textOf(body: Readable, most = mostBytes): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes > most) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

/** What a text says as JSON; null where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
