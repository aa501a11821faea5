import type { Problem } from "@endstation/api";
import { EndstationError } from "@endstation/core";
import cookie from "@fastify/cookie";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { MalformedRequest, malformedProblem } from "./api.ts";
import { type Front, frontServer } from "./front-server.ts";
import { problemFrom, problemOf } from "./problem.ts";
import { answerUnreadable } from "./unreadable.ts";

export interface AppOptions {
  readonly log: FastifyBaseLogger;
  readonly front: Front;
  /** Proxies whose forwarding headers are believed. */
  readonly trustedProxies: readonly string[];
}

const bodyLimit = 1024 * 1024;

/** The portal's own HTTP server: one port, sessions' origins taken by the front, everything else by the app. */
export async function createApp({ log, front, trustedProxies }: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: log,
    bodyLimit,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    routerOptions: { maxParamLength: 500 },
    forceCloseConnections: true,
    frameworkErrors: (_error, _request, reply) =>
      void sendProblem(reply, problemOf("malformed-request", "the address is too long or wrongly encoded")),
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket),
    serverFactory: (handler) => frontServer(front, handler),
  });
  await app.register(cookie);
  app.addHook("onRequest", securityHeaders);
  app.addHook("onResponse", async (request, reply) => logLine(request, reply));
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, problemOf("not-found", "there is nothing at this address")),
  );
  return app;
}

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What the viewer's page may: H5Web's arrays (ndarray) compile their own access functions. */
export const viewerPolicy = contentSecurityPolicy.replace("script-src", "script-src 'unsafe-eval'");

async function securityHeaders(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.headers({
    "content-security-policy": contentSecurityPolicy,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    // The origin alone, to others too: entering a session is a form posted to its origin, and must say where from.
    "referrer-policy": "strict-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  });
}

/** One line per request that somebody may want to see; the query may hold a code and stays out. */
function logLine(request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split("?", 1)[0];
  const line = { method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
  if (reply.statusCode >= 500) request.log.error(line, "answered");
  else if (path?.startsWith("/api/")) request.log.debug(line, "answered");
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof MalformedRequest) return sendProblem(reply, malformedProblem(error));
  const known = frameworkProblem(error);
  if (known !== null) return sendProblem(reply, known);
  const { problem, unforeseen } = problemFrom(error);
  if (unforeseen) request.log.error({ err: error, instance: problem.instance }, "unforeseen error");
  if (error instanceof EndstationError && error.cause !== undefined)
    request.log.warn({ err: error }, error.detail);
  const wait = error instanceof EndstationError ? error.details["retryAfterSeconds"] : undefined;
  if (typeof wait === "number") reply.header("retry-after", String(wait));
  return sendProblem(reply, problem);
}

function frameworkProblem(error: FastifyError): Problem | null {
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return problemOf("request-too-large", `the body is larger than ${bodyLimit} bytes`);
  if (error.code?.startsWith("FST_ERR_CTP") || error instanceof SyntaxError)
    return problemOf("malformed-request", error.message);
  const isClientFault = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
  return isClientFault && !(error instanceof EndstationError)
    ? problemOf("malformed-request", error.message)
    : null;
}

export function sendProblem(reply: FastifyReply, problem: Problem) {
  if (problem.code === "not-logged-in") reply.header("www-authenticate", 'Bearer realm="endstation"');
  if ((problem.status === 503 || problem.status === 429) && !reply.hasHeader("retry-after"))
    reply.header("retry-after", "2");
  return reply.code(problem.status).type("application/problem+json").send(problem);
}
