import {
  askHdf5,
  type Hdf5Answer,
  type Hdf5Question,
  type Hdf5Service,
  type ReadDeps,
} from "@endstation/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Authenticate } from "./api.ts";
import { sendProblem } from "./app.ts";
import { problemFrom, problemOf } from "./problem.ts";

export interface Hdf5Deps {
  readonly read: ReadDeps & { readonly hdf5: Hdf5Service };
  readonly authenticate: Authenticate;
  /** Bytes of answers that may be on their way at once. */
  readonly sending: number;
}

const calls = ["attr", "data", "meta", "paths", "stats"] as const;
const text = (most: number) => z.string().max(most);

/** The query of h5grove's calls, with its names and its defaults. */
const query = z.object({
  file: text(4096),
  path: text(8192).default("/"),
  resolve_links: z.enum(["none", "only_valid", "all", "true", "false"]).default("only_valid"),
  attr_keys: z.union([text(1024).transform((one) => [one]), z.array(text(1024)).max(1000)]).optional(),
  format: z.enum(["json", "bin", "csv", "npy", "tiff"]).default("json"),
  dtype: z.enum(["origin", "safe"]).default("origin"),
  flatten: z
    .string()
    .optional()
    .transform((word) => word !== undefined && /^(true|1|yes|on|t|y)$/i.test(word)),
  selection: text(1024).optional(),
});

/**
 * `GET /api/v1/datasets/{id}/hdf5/{attr,data,meta,paths,stats}`: the calls of h5grove about the files of one dataset, for
 * whoever may read its bytes.
 */
export function registerHdf5(app: FastifyInstance, deps: Hdf5Deps): void {
  const load = { bytes: 0 };
  for (const call of calls)
    app.get(`/api/v1/datasets/:id/hdf5/${call}`, (request, reply) =>
      answer(deps, call, request, reply, load).catch((error: unknown) => sendFailure(error, request, reply)),
    );
}

async function answer(
  deps: Hdf5Deps,
  call: Hdf5Question["call"],
  request: FastifyRequest,
  reply: FastifyReply,
  load: { bytes: number },
): Promise<FastifyReply> {
  const principal = await deps.authenticate(request);
  const { id } = request.params as { readonly id: string };
  const question = questionOf(call, request.query);
  if (typeof question === "string")
    return sendWithMessage(reply, { ...problemOf("malformed-request", question), status: 422 });
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const served = await askHdf5(deps.read, principal, id, question, gone.signal);
  if (load.bytes > 0 && load.bytes + served.bytes.length > deps.sending)
    return sendWithMessage(reply, problemOf("part-down", "too many large answers are on their way"));
  load.bytes += served.bytes.length;
  reply.raw.once("close", () => {
    load.bytes -= served.bytes.length;
  });
  return reply
    .headers(headersOf(served))
    .send(Buffer.from(served.bytes.buffer, served.bytes.byteOffset, served.bytes.byteLength));
}

/** The question, or what is wrong with it. */
function questionOf(call: Hdf5Question["call"], asked: unknown): Hdf5Question | string {
  const parsed = query.safeParse(asked);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  const {
    file,
    path,
    resolve_links: links,
    attr_keys: attributes,
    format,
    dtype,
    flatten,
    selection,
  } = parsed.data;
  const resolveLinks = links === "true" ? "all" : links === "false" ? "none" : links;
  return {
    ...{ call, file, path, resolveLinks, format, dtype, flatten },
    attributes: attributes ?? null,
    selection: selection ?? null,
  };
}

/** Nothing that a file holds may run, be sniffed or be shown as a part of the portal. */
function headersOf({ type, name }: Hdf5Answer): Record<string, string> {
  return {
    "content-type": type,
    "cache-control": "private, no-cache",
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    ...(name === null ? {} : { "content-disposition": `attachment; filename="${name}"` }),
  };
}

function sendFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { problem, unforeseen } = problemFrom(error);
  if (unforeseen) request.log.error({ err: error, instance: problem.instance }, "unforeseen error");
  return sendWithMessage(reply, problem);
}

/** Viewers that know h5grove look for the reason under `message`. */
function sendWithMessage(reply: FastifyReply, problem: Parameters<typeof sendProblem>[1]): FastifyReply {
  return sendProblem(reply, { ...problem, message: problem.detail ?? problem.title } as typeof problem);
}
