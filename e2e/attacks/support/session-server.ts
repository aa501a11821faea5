import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocketServer } from "ws";

/** A session's server in an attacker's hands: it answers what it is told to, down to the bytes. */
export interface SessionServer {
  readonly socket: string;
  /** What reached it. */
  readonly seen: Seen[];
  /** Answers requests for these paths; all others get an empty page. */
  readonly pages: Map<string, RequestListener>;
  /** Takes whole connections in place of HTTP. */
  raw: ((socket: Socket) => void) | null;
  close(): Promise<void>;
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly lines: readonly string[];
}

export async function startSessionServer(): Promise<SessionServer> {
  const folder = mkdtempSync(join(tmpdir(), "est-at-"));
  const socket = join(folder, "s");
  const open = new Set<Socket>();
  const server: SessionServer = {
    ...{ socket, seen: [], pages: new Map(), raw: null },
    close: async () => {
      for (const one of open) one.destroy();
      await new Promise<void>((resolve) => void net.close(() => resolve()));
      rmSync(folder, { recursive: true });
    },
  };
  const note = ({ url = "", headers, rawHeaders: lines }: IncomingMessage, method: string) =>
    void server.seen.push({ method, url, headers, lines });
  const http = createHttpServer((request, response) => {
    note(request, request.method ?? "");
    const page = server.pages.get((request.url ?? "").split("?", 1)[0] ?? "");
    if (page !== undefined) return page(request, response);
    request.resume();
    response.writeHead(200, { "content-type": "text/html" }).end("<title>inside</title><p id=inside>inside");
  });
  const sockets = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, duplex, head) => {
    note(request, "UPGRADE");
    sockets.handleUpgrade(request, duplex, head, (one) => one.send("hello from inside"));
  });
  const net = createServer((one) => {
    open.add(one.on("close", () => open.delete(one)).on("error", () => {}));
    if (server.raw === null) http.emit("connection", one);
    else server.raw(one);
  });
  await new Promise<void>((resolve) => net.listen(socket, resolve));
  return server;
}
