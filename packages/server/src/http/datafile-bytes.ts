import type { Readable } from "node:stream";
import {
  EndstationError,
  type FileSource,
  type OpenFile,
  openDatafile,
  type ReadDeps,
} from "@endstation/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Authenticate } from "./api.ts";
import { rangeOf } from "./byte-range.ts";

export interface DatafileBytesDeps {
  readonly read: ReadDeps & { readonly files: FileSource<Readable> };
  readonly authenticate: Authenticate;
}

type Params = { readonly id: string; readonly "*": string };

/**
 * `GET` and `HEAD /api/v1/datasets/{id}/files/{path}`: a file's bytes, always as an attachment that no browser runs or
 * shows within the portal's origin.
 */
export function registerDatafileBytes(app: FastifyInstance, deps: DatafileBytesDeps): void {
  app.route({
    method: ["GET", "HEAD"],
    url: "/api/v1/datasets/:id/files/*",
    exposeHeadRoute: false,
    handler: (request, reply) => answer(deps, request, reply),
  });
}

async function answer(
  deps: DatafileBytesDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const principal = await deps.authenticate(request);
  const { id, "*": path } = request.params as Params;
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const file = await openDatafile(deps.read, principal, id, path, gone.signal);
  try {
    return await answerWith(file, path, request, reply);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function answerWith(
  file: OpenFile<Readable>,
  path: string,
  { headers, method }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const etag = `"${file.etag}"`;
  reply.headers({ etag, "accept-ranges": "bytes", "cache-control": "private, no-cache" });
  if (isNamed(etag, headers["if-none-match"])) {
    await file.close();
    return reply.code(304).send();
  }
  const range = rangeOf(isStale(etag, headers["if-range"]) ? undefined : headers.range, file.sizeBytes);
  if (range.kind === "outside") {
    reply.header("content-range", `bytes */${file.sizeBytes}`);
    throw new EndstationError("range-invalid", `the file has ${file.sizeBytes} bytes`);
  }
  const { start, end } = range.kind === "part" ? range : { start: 0, end: file.sizeBytes - 1 };
  if (range.kind === "part")
    reply.code(206).header("content-range", `bytes ${start}-${end}/${file.sizeBytes}`);
  reply.headers({ ...attachment(path), "content-length": end - start + 1 });
  if (method !== "HEAD" && end >= start) return reply.send(file.read({ start, end }));
  await file.close();
  return reply.send(method === "HEAD" ? undefined : Buffer.alloc(0));
}

/** Nothing that a file holds may run, be sniffed or be shown as a part of the portal. */
function attachment(path: string): Record<string, string> {
  const name = path.split("/").at(-1) ?? "file";
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return {
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
  };
}

function isNamed(etag: string, header: string | undefined): boolean {
  return (header ?? "").split(",").some((one) => {
    const named = one.trim();
    return named === "*" || named.replace(/^W\//, "") === etag;
  });
}

/** With `If-Range` a part is only wanted of the very same file; a date never names it closely enough. */
function isStale(etag: string, header: string | string[] | undefined): boolean {
  return header !== undefined && header !== etag;
}
