import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Dispatcher } from "undici";
import { headersInside, headersOutside, type Lines } from "./headers.ts";
import { informationalLimit, join, linesOf, type Passage } from "./passage.ts";

const handshakeWithinMs = 30_000;
/** Anything longer than a ping or its answer was said by a person or by a kernel. */
const pingBytes = 16;

/** Passes a WebSocket's handshake on; once the session agrees, both ends are joined and only counted. */
export function forwardUpgrade(
  passage: Passage,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  onUnreachable: () => void,
): void {
  if (socket.destroyed) return;
  const closed = passage.opened(() => socket.destroy());
  socket.once("close", closed);
  const options: Dispatcher.DispatchOptions = {
    path: request.url ?? "/",
    method: "GET",
    upgrade: "websocket",
    headers: headersInside(request.rawHeaders, passage.ownOrigin),
    headersTimeout: handshakeWithinMs,
  };
  passage.upstream.dispatch(options, handlerFor(passage, socket, head, onUnreachable));
}

function handlerFor(
  passage: Passage,
  socket: Duplex,
  head: Buffer,
  onUnreachable: () => void,
): Dispatcher.DispatchHandler {
  let answered = false;
  let abort = () => {};
  const informational = informationalLimit();
  return {
    onRequestStart: (controller) => {
      abort = () => controller.abort(new Error("the browser has gone"));
      if (socket.destroyed) abort();
      else socket.once("close", abort);
    },
    onRequestUpgrade: (controller, status, _headers, inside) => {
      answered = true;
      // It would keep the request for as long as the WebSocket lives.
      socket.off("close", abort);
      const lines = headersOutside(linesOf(controller.rawHeaders), passage.ownOrigin);
      socket.write(headOf(status, [...lines, "Connection", "Upgrade", "Upgrade", "websocket"]), "latin1");
      if (head.length > 0) inside.write(head);
      join(socket, inside, activityOf(passage));
    },
    onResponseStart: (controller, status) => {
      if (status < 200) return informational(controller);
      answered = true;
      const lines = withoutLength(headersOutside(linesOf(controller.rawHeaders), passage.ownOrigin));
      socket.write(headOf(status, [...lines, "Connection", "close"]), "latin1");
    },
    onResponseData: (controller, chunk) => {
      if (socket.write(chunk)) return;
      controller.pause();
      socket.once("drain", () => controller.resume());
    },
    onResponseEnd: () => void socket.end(),
    onResponseError: (_controller, error) => {
      if (socket.destroyed) return;
      passage.failed(error);
      if (answered) socket.destroy();
      else onUnreachable();
    },
  };
}

function activityOf(passage: Passage): (bytes: number) => void {
  return (bytes) => {
    if (bytes > pingBytes) passage.active(bytes);
  };
}

/** The answer ends with the connection, so its length must not be claimed by header. */
function withoutLength(lines: Lines): string[] {
  return lines.flatMap((line, n) =>
    n % 2 === 0 && line.toLowerCase() !== "content-length" ? [line, lines[n + 1] ?? ""] : [],
  );
}

/** The head of an answer on a socket that is no longer HTTP's. */
export function headOf(status: number, lines: Lines): string {
  const fields = lines.flatMap((line, n) => (n % 2 === 0 ? [`${line}: ${lines[n + 1] ?? ""}\r\n`] : []));
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Answer"}\r\n${fields.join("")}\r\n`;
}
