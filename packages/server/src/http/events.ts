import type { Hint } from "@endstation/api";
import type { Principal } from "@endstation/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Authenticate } from "./api.ts";
import { sendProblem } from "./app.ts";
import { problemOf } from "./problem.ts";

/** A hint with its place in the order in which changes were committed. */
export interface NumberedHint {
  readonly number: number;
  readonly hint: Hint;
}

export interface EventsDeps {
  readonly authenticate: Authenticate;
  /** Hints after `number`, at most 500; null when some of them are no longer kept. */
  hintsAfter(number: number): Promise<readonly NumberedHint[] | null>;
  latestNumber(): Promise<number>;
  /** Calls back whenever there may be new hints; answers how to end that. */
  onHints(listener: () => void): () => void;
  /** Whether this person may know of the change now. */
  maySee(principal: Principal, hint: Hint): Promise<boolean>;
}

const heartbeatMs = 15_000;
/** Streams that one person may have open at once; a browser needs one. */
const mostStreams = 20;
const reauthenticateMs = 2_000;

/** `GET /api/v1/events`: what changed, as server-sent events, resumable by `Last-Event-ID`. */
export function registerEvents(app: FastifyInstance, deps: EventsDeps): void {
  const streams = new Map<string, number>();
  app.get("/api/v1/events", async (request, reply) => {
    const principal = await deps.authenticate(request);
    if (principal === null)
      return sendProblem(reply, problemOf("not-logged-in", "this needs a logged-in person"));
    const open = streams.get(principal.account) ?? 0;
    if (open >= mostStreams)
      return sendProblem(
        reply,
        problemOf("too-many-requests", `${mostStreams} event streams of yours are open`),
      );
    streams.set(principal.account, open + 1);
    reply.raw.once("close", () => streams.set(principal.account, (streams.get(principal.account) ?? 1) - 1));
    reply.hijack();
    reply.raw.writeHead(200, {
      ...plain(reply.getHeaders()),
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    await stream(deps, request, reply, principal);
  });
}

async function stream(
  deps: EventsDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal,
): Promise<void> {
  const { raw } = reply;
  let position = await startingPoint(deps, request, raw);
  let wake = () => {};
  const ended = new AbortController();
  raw.once("close", () => {
    ended.abort();
    wake();
  });
  const unsubscribe = deps.onHints(() => wake());
  const heartbeat = setInterval(() => raw.write(": still here\n\n"), heartbeatMs);
  const recheck = setInterval(() => void endWhenLoggedOut(deps, request, raw), reauthenticateMs);
  try {
    while (!ended.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      position = await deliver(deps, raw, principal, position);
      await woken;
    }
  } catch (error) {
    request.log.warn({ err: error }, "event stream ended");
    raw.end();
  } finally {
    unsubscribe();
    clearInterval(heartbeat);
    clearInterval(recheck);
  }
}

type Raw = FastifyReply["raw"];

async function startingPoint(deps: EventsDeps, request: FastifyRequest, raw: Raw): Promise<number> {
  const last = Number(request.headers["last-event-id"] ?? Number.NaN);
  const latest = await deps.latestNumber();
  if (Number.isInteger(last) && last >= 0 && last <= latest) return last;
  raw.write(
    `id: ${latest}\nevent: ${request.headers["last-event-id"] === undefined ? "hello" : "reset"}\ndata: {}\n\n`,
  );
  return latest;
}

async function deliver(deps: EventsDeps, raw: Raw, principal: Principal, from: number): Promise<number> {
  let position = from;
  for (;;) {
    const hints = await deps.hintsAfter(position);
    if (hints === null) {
      position = await deps.latestNumber();
      raw.write(`id: ${position}\nevent: reset\ndata: {}\n\n`);
      return position;
    }
    if (hints.length === 0) return position;
    for (const { number, hint } of hints) {
      if (await deps.maySee(principal, hint)) raw.write(`id: ${number}\ndata: ${JSON.stringify(hint)}\n\n`);
      position = number;
    }
  }
}

async function endWhenLoggedOut(deps: EventsDeps, request: FastifyRequest, raw: Raw): Promise<void> {
  const principal = await deps.authenticate(request).catch(() => null);
  if (principal === null) raw.end();
}

function plain(headers: ReturnType<FastifyReply["getHeaders"]>): Record<string, string | number | string[]> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | number | string[]] => entry[1] !== undefined,
    ),
  );
}
