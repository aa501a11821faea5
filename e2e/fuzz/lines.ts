import { request } from "node:http";
import { WebSocket } from "ws";
import type { Way } from "../../packages/server/src/gateway/testing/shared-document.ts";
import type { Line, Message } from "./protocol.ts";

/** Fewer than the gateway takes from one line in a second, on several lines at once. */
const perSecond = 150;
const linesAtOnce = 8;
const opensWithinMs = 10_000;

/** WebSockets to one address: a line that the other end closes is opened again. */
export function frames(port: number, way: Way, path: string, protocols: readonly string[] = []): Line {
  const open = () =>
    new WebSocket(`ws://127.0.0.1:${port}${path}`, [...protocols], {
      ...{ perMessageDeflate: false, handshakeTimeout: opensWithinMs },
      headers: { host: way.host, origin: way.origin, cookie: way.cookie },
    }).on("error", () => {});
  const sockets = Array.from({ length: linesAtOnce }, open);
  let turn = 0;
  let isOver = false;
  return {
    send: async (message) => {
      if (message.kind !== "frame") return;
      turn = (turn + 1) % linesAtOnce;
      if (turn === 0) await new Promise((resolve) => setTimeout(resolve, 1_000 / perSecond));
      const socket = isOver ? null : await ready(sockets, turn, open);
      isOver ||= socket === null;
      if (socket === null) return;
      await new Promise<void>((resolve) => {
        socket.send(message.data, { binary: message.isBinary }, () => resolve());
      });
    },
    isOver: () => isOver,
    close: async () => {
      await Promise.all(sockets.map(taken));
      for (const socket of sockets) socket.terminate();
    },
  };
}

/** Null: the other end takes no more lines, as where what was said has ended it. */
async function ready(sockets: WebSocket[], at: number, open: () => WebSocket): Promise<WebSocket | null> {
  for (let tries = 0; tries < 6; tries += 1) {
    const socket = sockets[at] as WebSocket;
    if (socket.readyState === WebSocket.OPEN) return socket;
    if (socket.readyState === WebSocket.CONNECTING)
      await new Promise((resolve) => {
        socket.once("open", resolve);
        socket.once("close", resolve);
      });
    else sockets[at] = open();
  }
  return null;
}

/** A ping that is answered came behind all that was sent before. */
function taken(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== WebSocket.OPEN) return resolve();
    setTimeout(resolve, 10_000).unref();
    socket.once("pong", () => resolve());
    socket.once("close", () => resolve());
    socket.ping();
  });
}

/** Requests one after another on a few connections at once, whatever they are answered. */
export function requests(port: number, way: Way, headers: Record<string, string>): Line {
  const under = new Set<Promise<void>>();
  return {
    send: async (message) => {
      if (under.size >= linesAtOnce) await Promise.race(under);
      const one: Promise<void> = asked(port, way, headers, message).finally(() => under.delete(one));
      under.add(one);
    },
    isOver: () => false,
    close: async () => void (await Promise.all(under)),
  };
}

function asked(
  port: number,
  { host }: Way,
  headers: Record<string, string>,
  message: Message,
): Promise<void> {
  return new Promise((resolve) => {
    if (message.kind !== "request") return resolve();
    const { method, path, body } = message;
    try {
      const sent = request({
        port,
        host: "127.0.0.1",
        method,
        path,
        headers: { host, ...headers },
        agent: false,
      });
      sent.on("response", (answer) =>
        answer
          .resume()
          .on("close", resolve)
          .on("error", () => {}),
      );
      sent.on("error", () => resolve());
      sent.setTimeout(30_000, () => sent.destroy());
      sent.end(method === "GET" || method === "HEAD" ? undefined : body);
    } catch {
      // Node itself sends no such path.
      resolve();
    }
  });
}
