import type { IncomingMessage, ServerResponse } from "node:http";
import type { Dispatcher } from "undici";
import { headersInside, headersOutside } from "./headers.ts";
import { informationalLimit, linesOf, type Passage } from "./passage.ts";
import { changesState } from "./rules.ts";

/**
 * Passes a request on and its answer back, both as streams that flow only as fast as they are taken. When nobody
 * answers, `onUnreachable` answers instead; after the first byte of an answer the connection can only be broken off.
 */
export function forwardRequest(
  passage: Passage,
  request: IncomingMessage,
  response: ServerResponse,
  onUnreachable: () => void,
): void {
  // Whoever went while it was asked whether she may come in would never be noted as gone.
  if (response.destroyed) return;
  if (isActive(request)) passage.active(1);
  if (request.headers.expect !== undefined) response.writeContinue();
  const answer = answerInto(passage, response, onUnreachable);
  // undici takes the socket from a request whose body it gives up.
  const { socket } = request;
  const closed = passage.opened(() => {
    response.destroy();
    socket.destroy();
  });
  response.once("close", () => {
    closed();
    answer.clientGone();
  });
  if (hasBody(request)) endWhenStill(request, response, passage.uploadIdleMs);
  const options: Dispatcher.DispatchOptions = {
    path: request.url ?? "/",
    method: request.method as Dispatcher.HttpMethod,
    headers: headersInside(request.rawHeaders, passage.ownOrigin),
    body: hasBody(request) ? request : null,
  };
  passage.upstream.dispatch(options, answer.handler);
}

/** Ends an upload that stands still while the session waits for it; one that the session holds back may wait. */
function endWhenStill(request: IncomingMessage, response: ServerResponse, idleMs: number): void {
  const { socket } = request;
  let before = socket.bytesRead;
  const timer = setInterval(() => {
    const isStill = socket.bytesRead === before && !request.complete && !request.isPaused();
    if (isStill) socket.destroy();
    before = socket.bytesRead;
  }, idleMs);
  response.once("close", () => clearInterval(timer));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** What a person does, not what an open page asks again and again by itself. */
function isActive({ method = "GET", headers }: IncomingMessage): boolean {
  return changesState(method) || headers["sec-fetch-mode"] === "navigate";
}

/** Up to this size an answer that is there at once is sent together with its head, in one write. */
const smallBytes = 16 * 1024;

/** Writes an answer: what is there in one turn of the loop goes together, and nothing waits for the next. */
function gathering(response: ServerResponse) {
  let isWaiting = false;
  let first: Buffer | null = null;
  const flush = () => {
    if (!isWaiting) return;
    isWaiting = false;
    if (first === null) response.flushHeaders();
    else response.write(first);
  };
  return {
    begin: () => {
      isWaiting = true;
      process.nextTick(flush);
    },
    write: (chunk: Buffer): boolean => {
      if (isWaiting && first === null && chunk.length <= smallBytes) {
        first = chunk;
        return true;
      }
      flush();
      return response.write(chunk);
    },
    end: () => {
      const whole = isWaiting ? first : null;
      isWaiting = false;
      // Node sends the head and a string as one; a Buffer would follow its head as a piece of its own.
      if (whole === null) response.end();
      else response.end(whole.toString("latin1"), "latin1");
    },
  };
}

interface AnswerInto {
  readonly handler: Dispatcher.DispatchHandler;
  clientGone(): void;
}

function answerInto(passage: Passage, response: ServerResponse, onUnreachable: () => void): AnswerInto {
  let controller: Dispatcher.DispatchController | null = null;
  let gone = false;
  const informational = informationalLimit();
  const clientGone = () => {
    gone = true;
    if (!response.writableFinished) controller?.abort(new Error("the browser has gone"));
  };
  const resume = () => controller?.resume();
  const out = gathering(response);
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (given) => {
      controller = given;
      if (gone) given.abort(new Error("the browser has gone"));
    },
    onResponseStart: (given, status) => {
      if (status < 200) return informational(given);
      try {
        response.writeHead(status, headersOutside(linesOf(given.rawHeaders), passage.ownOrigin));
        out.begin();
      } catch (error) {
        // A header that cannot be passed on: the session's server speaks no HTTP.
        given.abort(error as Error);
      }
    },
    onResponseData: (given, chunk) => {
      if (out.write(chunk)) return;
      given.pause();
      response.once("drain", resume);
    },
    onResponseEnd: () => out.end(),
    onResponseError: (_controller, error) => {
      if (gone) return;
      passage.failed(error);
      if (response.headersSent) response.destroy();
      else onUnreachable();
    },
  };
  return { handler, clientGone };
}
