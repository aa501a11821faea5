import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { extname, join } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** A file of the built UI, or its page for every other address, as the portal does. */
export async function sendStatic(folder: string, path: string, response: ServerResponse): Promise<void> {
  const name = extname(path) === "" ? "/index.html" : path;
  const bytes = await readFile(join(folder, name)).catch(() => null);
  if (bytes === null) response.writeHead(404).end();
  else
    response
      .writeHead(200, { "content-type": types[extname(name)] ?? "application/octet-stream" })
      .end(bytes);
}

/** The very policy that the portal sends, read from where it stands, so that the UI is tried under it. */
export const contentSecurityPolicy = policyOf(
  readFileSync(join(import.meta.dirname, "../../../server/src/http/app.ts"), "utf8"),
);

function policyOf(source: string): string {
  const list = /contentSecurityPolicy = \[([^\]]+)\]/.exec(source)?.[1];
  if (list === undefined)
    throw new Error("packages/server/src/http/app.ts has no contentSecurityPolicy any more");
  return [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1]).join("; ");
}
