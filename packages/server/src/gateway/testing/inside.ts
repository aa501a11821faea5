import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocketServer } from "ws";

/** A session's server as tests need it: tells what it was asked, takes, gives and echoes, on a Unix socket. */
export interface Inside {
  readonly socket: string;
  readonly seen: Seen[];
  /** Bytes of the endless answer that were taken from it. */
  floodBytes(): number;
  webSockets(): number;
  /** Ends all connections. */
  hangUp(): void;
  close(): Promise<void>;
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly lines: readonly string[];
}

export async function startInside(): Promise<Inside> {
  const folder = mkdtempSync(join(tmpdir(), "est-in-"));
  const socket = join(folder, "s");
  const seen: Seen[] = [];
  const counts = { flood: 0 };
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? "", url: request.url ?? "", lines: request.rawHeaders });
    answer(request, response, counts);
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on("upgrade", (request, duplex, head) => {
    seen.push({ method: "UPGRADE", url: request.url ?? "", lines: request.rawHeaders });
    if (request.url === "/refused") duplex.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    else
      sockets.handleUpgrade(request, duplex, head, (one) => {
        one.on("message", (data, isBinary) => one.send(data, { binary: isBinary }));
      });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    seen,
    floodBytes: () => counts.flood,
    webSockets: () => sockets.clients.size,
    hangUp: () => server.closeAllConnections(),
    close: async () => {
      for (const one of sockets.clients) one.terminate();
      await closed(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(() => resolve()));
}

function answer(request: IncomingMessage, response: ServerResponse, counts: { flood: number }): void {
  const [path] = (request.url ?? "").split("?", 1);
  if (path === "/sink") sink(request, response).catch(() => response.destroy());
  else if (path === "/flood") flood(response, counts);
  else if (path === "/events") events(response);
  else if (path === "/early") response.writeHead(413, { "Content-Type": "text/plain" }).end("too much");
  else if (path === "/hangs") return;
  else if (path === "/breaks") request.socket.destroy();
  else if (path === "/bad-header")
    request.socket.end("HTTP/1.1 200 OK\r\nX-Odd: a\x01b\r\nContent-Length: 2\r\n\r\nok");
  else if (path === "/headers") response.writeHead(200, hostileHeaders).end("ok");
  else if (path === "/go") response.writeHead(302, { Location: "http://session.localhost/lab?x=1" }).end();
  else if (path === "/blob") blob(response, Number(request.url?.split("=")[1] ?? 0));
  else
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ url: request.url }));
}

function blob(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { "Content-Length": bytes }).end(Buffer.alloc(bytes, 1));
}

/** What a session's server must not be able to say to a browser. */
const hostileHeaders: string[] = [
  ...["Set-Cookie", "_xsrf=abc; Path=/"],
  ...["Set-Cookie", "__Host-endstation-visit=stolen; Path=/; Secure"],
  ...["Set-Cookie", "__HOST-Endstation-Visit=stolen; Path=/; Secure"],
  ...["Set-Cookie", "wide=1; Domain=localhost; Path=/"],
  ...["Set-Cookie", "=__Host-endstation-visit=nameless"],
  ...["Connection", "keep-alive, X-Inner"],
  ...["X-Inner", "1"],
  ...["X-Frame-Options", "ALLOWALL"],
  ...["Content-Security-Policy", "default-src 'self'"],
  ...["Clear-Site-Data", '"cookies"'],
  ...["Referrer-Policy", "unsafe-url"],
  ...["Cross-Origin-Resource-Policy", "cross-origin"],
  ...["X-Own", "kept"],
];

async function sink(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  response.end(JSON.stringify({ bytes, sha256: hash.digest("hex") }));
}

const piece = Buffer.alloc(64 * 1024, 7);

function flood(response: ServerResponse, counts: { flood: number }): void {
  const more = () => {
    while (!response.destroyed && response.write(piece)) counts.flood += piece.length;
    counts.flood += piece.length;
  };
  response.on("drain", more);
  more();
}

function events(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("data: first\n\n");
  const timer = setInterval(() => response.write("data: again\n\n"), 100);
  response.on("close", () => clearInterval(timer));
}
