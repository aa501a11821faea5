import { createServer as createHttpServer, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Setting } from "./setting.ts";

/** A header by its lower-case name; several lines of one name are a list. */
export type Headers = Record<string, string | string[] | undefined>;

/** What takes a defence away on the way: changes a request's headers, or an answer's. */
export interface Weakness {
  readonly request?: (headers: Headers, request: IncomingMessage) => void;
  readonly answer?: (headers: Headers, request: IncomingMessage) => void;
}

/** What stands before the portal: bytes pass as they are, by TLS or not, except while it is weakened. */
export interface Front {
  /** Runs something while this defence is away. */
  without<Result>(weakness: Weakness, run: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export async function startFront({ port, tls }: Setting, portalPort: number): Promise<Front> {
  const open = new Set<Socket>();
  let weakness: Weakness = {};
  const weakened = createHttpServer({ maxHeaderSize: 1024 * 1024 }, (asked, answered) => {
    const passed = httpRequest(optionsFor(asked), (answer) => {
      const headers: Headers = { ...answer.headers };
      weakness.answer?.(headers, asked);
      answered.writeHead(answer.statusCode ?? 502, headers);
      answer.pipe(answered);
    });
    passed.on("error", () => answered.destroy());
    asked.pipe(passed);
  });
  weakened.on("upgrade", (asked, socket: Socket, head) => {
    const passed = httpRequest(optionsFor(asked));
    passed.on("upgrade", (answer, inside) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${linesOf(answer.headers)}\r\n`);
      joined(socket, inside as Socket, open);
      inside.write(head);
    });
    passed.on("response", ({ statusCode }) => socket.end(`HTTP/1.1 ${statusCode} Refused\r\n\r\n`));
    passed.on("error", () => socket.destroy());
    passed.end();
  });
  await listening(weakened, 0);
  const weakenedPort = (weakened.address() as { port: number }).port;
  let target = portalPort;
  const take = (socket: Socket) => joined(socket, connect(target, "127.0.0.1"), open);
  const doors = tls === null ? createServer(take) : createTlsServer(tls, take);
  await listening(doors, port);

  function optionsFor(asked: IncomingMessage) {
    const headers: Headers = { ...asked.headers };
    weakness.request?.(headers, asked);
    const { method = "GET", url: path = "/" } = asked;
    return { host: "127.0.0.1", port: portalPort, agent: false as const, method, path, headers };
  }
  const cut = () => open.forEach((socket) => void socket.destroy());
  return {
    without: async (given, run) => {
      [weakness, target] = [given, weakenedPort];
      cut();
      try {
        return await run();
      } finally {
        [weakness, target] = [{}, portalPort];
        cut();
      }
    },
    close: async () => {
      cut();
      weakened.closeAllConnections();
      await Promise.all([closed(weakened), closed(doors)]);
    },
  };
}

function joined(one: Socket, other: Socket, open: Set<Socket>): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    open.add(from);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      open.delete(from);
      to.destroySoon();
    });
    from.pipe(to);
  }
}

function linesOf(headers: IncomingMessage["headers"]): string {
  return Object.entries(headers)
    .flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${one}\r\n`))
    .join("");
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => void server.listen(port, "127.0.0.1", () => resolve()));
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}
