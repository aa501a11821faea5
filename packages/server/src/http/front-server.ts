import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";

/** What sees a request or an upgrade before the portal does: true when it was for a session's origin. */
export interface Front {
  handleRequest(request: IncomingMessage, response: Parameters<RequestListener>[1]): boolean;
  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): boolean;
}

/** A server whose front sees everything first; what it does not take is the handler's. */
export function frontServer(front: Front, handler: RequestListener): Server {
  const server = createServer(
    {
      ...{ requestTimeout: 0, headersTimeout: 15_000, connectionsCheckingInterval: 5_000 },
      optimizeEmptyRequests: true,
      ...{ keepAliveTimeout: 65_000, maxHeaderSize: 32 * 1024 },
    },
    (request, response) => {
      if (front.handleRequest(request, response)) return;
      endSlowBody(request);
      handler(request, response);
    },
  );
  // Whoever asks before sending a body is told to go on only when it will be taken.
  server.on("checkContinue", (request, response) => {
    if (front.handleRequest(request, response)) return;
    endSlowBody(request);
    response.writeContinue();
    handler(request, response);
  });
  server.on("upgrade", (request, socket: Socket, head) => {
    // Node no longer listens to an upgraded socket: a reset that nobody hears would end the process.
    socket.on("error", () => socket.destroy());
    if (!front.handleUpgrade(request, socket, head))
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
  });
  return server;
}

/** Bodies of the portal's own API are small; the gateway's may be of any length. */
const bodyWithinMs = 30_000;

function endSlowBody(request: IncomingMessage): void {
  const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
  if (encoding === undefined && Number(length) === 0) return;
  const timer = setTimeout(() => request.socket.destroy(), bodyWithinMs);
  timer.unref();
  for (const end of ["end", "close"]) request.once(end, () => clearTimeout(timer));
}
