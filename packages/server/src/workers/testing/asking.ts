import { Agent, type IncomingHttpHeaders, request } from "node:http";
import type { Socket } from "node:net";
import { WebSocket } from "ws";
import type { Place } from "../../gateway/testing/house.ts";

const agents = new WeakMap<Socket, Agent>();

/** Asks by a connection that is there, and leaves it open. */
export function askBy(
  socket: Socket,
  { host, path = "/", headers = {} }: { host: string; path?: string; headers?: Record<string, string> },
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const agent = agents.get(socket) ?? new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => socket;
  agents.set(socket, agent);
  return new Promise((resolve, reject) => {
    const asked = request({ agent, path, headers: { host, ...headers } }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text) => {
        body += text;
      });
      answer.once("error", reject);
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    asked.once("error", reject);
    asked.end();
  });
}

/** A WebSocket into a session by a connection that is there. */
export function webSocketBy(socket: Socket, { host, origin }: Place, cookie: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const opened = new WebSocket(`ws://${host}/`, {
      perMessageDeflate: false,
      headers: { host, origin, cookie },
      createConnection: () => socket,
    });
    opened.once("open", () => resolve(opened));
    opened.once("error", reject);
  });
}

/** What comes back of what is said to a session that echoes. */
export function echo(socket: WebSocket, text: string): Promise<string> {
  return new Promise((resolve) => {
    socket.once("message", (data) => resolve(String(data)));
    socket.send(text);
  });
}
