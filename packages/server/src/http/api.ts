import { type Route, type RouteName, routes } from "@endstation/api";
import { authorizeScope, demand, EndstationError, type Principal } from "@endstation/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Handlers } from "./handlers.ts";
import { type FieldError, problemOf } from "./problem.ts";

/** Who a request comes from: by its cookie or its bearer token; null when by neither. */
export type Authenticate = (request: FastifyRequest) => Promise<Principal | null>;

/** Largest body of one who is not logged in, in bytes. */
const bodyOfNobody = 16 * 1024;

/** Registers calls of the API below `/api/v1`: every one, or those that are named. */
export function registerApi(
  app: FastifyInstance,
  handlers: Handlers,
  authenticate: Authenticate,
  names: readonly RouteName[] = Object.keys(routes) as RouteName[],
): void {
  const callers = new WeakMap<FastifyRequest, Principal | null>();
  for (const name of names) {
    const route: Route = routes[name];
    app.route({
      method: route.method,
      url: `/api/v1${routes[name].path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
      // Who may not call it is told so before a body is read.
      onRequest: async (request) => {
        const principal = await authenticate(request);
        if (route.needs !== "nothing") demand(authorizeScope(principal, route.needs));
        callers.set(request, principal);
      },
      ...(route.needs === "nothing" ? { bodyLimit: bodyOfNobody } : {}),
      handler: (request, reply) => answer(name, handlers, callers.get(request) ?? null, request, reply),
    });
  }
}

/** Thrown for a request of the wrong shape, with each field that is wrong. */
export class MalformedRequest extends EndstationError {
  readonly fields: readonly FieldError[];
  constructor(fields: readonly FieldError[]) {
    super("malformed-request", fields.map(({ path, message }) => `${path}: ${message}`).join("; "));
    this.fields = fields;
  }
}

async function answer(
  name: RouteName,
  handlers: Handlers,
  principal: Principal | null,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const route: Route = routes[name];
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const call = {
    principal,
    params: parse(route.params, request.params, "path"),
    query: parse(route.query, request.query, "query"),
    body: route.body === null ? undefined : parse(route.body, request.body ?? {}, "body"),
    idempotencyKey: idempotencyKeyOf(request),
    address: request.ip,
    signal: gone.signal,
  };
  const result = await (handlers[name] as (call: unknown) => Promise<unknown>)(call);
  reply.code(route.status);
  if (route.status === 201 && name === "startSession")
    reply.header("location", `/api/v1/sessions/${(result as { id: string }).id}`);
  return route.answer === null ? reply.send() : result;
}

function parse(schema: z.ZodType, value: unknown, where: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new MalformedRequest(
    parsed.error.issues.map((issue) => ({ path: [where, ...issue.path].join("."), message: issue.message })),
  );
}

function idempotencyKeyOf(request: FastifyRequest): string | null {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return null;
  if (typeof key === "string" && /^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new MalformedRequest([{ path: "headers.idempotency-key", message: "1 to 200 printable characters" }]);
}

/** The problem for a {@link MalformedRequest}, with its fields. */
export function malformedProblem(error: MalformedRequest) {
  return problemOf("malformed-request", error.detail, error.next, error.fields);
}
