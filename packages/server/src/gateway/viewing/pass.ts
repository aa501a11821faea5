import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { headersOutside } from "../headers.ts";
import type { Passage } from "../passage.ts";
import type { Asked } from "../rules.ts";
import { insideOf } from "./inside.ts";

/** Of a viewer's headers the session's server is told only what a cache asks by, and only where it looks like that. */
const toldInside: Readonly<Record<string, RegExp>> = {
  "accept-encoding": /^[\w ,;=.*-]{1,200}$/,
  "if-none-match": /^(W\/)?"[\w.:+/=-]{1,200}"$/,
  "if-modified-since": /^[\w ,:+-]{1,64}$/,
};

/** Asks for a path in our words and streams the answer; cookies of the session's server stay with us. */
export async function pass(
  passage: Passage,
  { method, headers }: Asked,
  path: string,
  response: ServerResponse,
): Promise<void> {
  const told = Object.entries(toldInside).flatMap(([name, pattern]) => {
    const value = headers[name];
    return typeof value === "string" && pattern.test(value) ? [[name, value]] : [];
  });
  const answer = await insideOf(passage.upstream).get(path, Object.fromEntries(told));
  response.writeHead(answer.status, headersOutside(linesOf(answer.headers), passage.ownOrigin));
  if (method !== "HEAD") return pipeline(answer.body, response);
  answer.body.destroy();
  response.end();
}

function linesOf(headers: Readonly<Record<string, string | string[] | undefined>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    name === "set-cookie" || value === undefined ? [] : [value].flat().flatMap((one) => [name, one]),
  );
}
