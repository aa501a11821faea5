import { Agent, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { Socket } from "node:net";
import { type Duplex, pipeline } from "node:stream";
import { join } from "../gateway/passage.ts";
import { throughBackDoor } from "./back-door.ts";

/** Passes what is for the portal's own origin on to the main process, as it came, and the answer back as it comes. */
export interface PortalHop {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** `onGone` answers where the main process does not. */
export function createPortalHop(
  backDoor: string,
  onGone: (request: IncomingMessage, response: ServerResponse) => void,
): PortalHop {
  const agents = new WeakMap<Socket, Agent>();
  const agentFor = (client: Socket) => {
    const agent = agents.get(client) ?? new OneConnection(backDoor, client);
    agents.set(client, agent);
    return agent;
  };
  return {
    request: (request, response) => {
      const { method, url: path } = request;
      const onward = send({ agent: agentFor(request.socket), method, path, headers: headersOnward(request) });
      onward.once("response", (answer) => passBack(answer, response));
      onward.on("error", () => (response.headersSent ? response.destroy() : onGone(request, response)));
      response.once("close", () => onward.destroy());
      // The portal may answer before a body has come, and some bodies never come.
      if (hasBody(request)) onward.flushHeaders();
      request.pipe(onward);
    },
    upgrade: (request, socket, head) => {
      const go = (onward: Socket) => {
        onward.write(requestHead(request), "latin1");
        onward.write(head);
        join(socket, onward, () => {});
      };
      throughBackDoor(backDoor, { from: addressOf(request.socket) }).then(go, () => socket.destroy());
    },
  };
}

/** A client's connection goes on as one connection: so the main process knows by the connection whose it is. */
class OneConnection extends Agent {
  readonly #open: () => Promise<Socket>;

  constructor(backDoor: string, client: Socket) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#open = () => throughBackDoor(backDoor, { from: addressOf(client) });
    client.once("close", () => this.destroy());
  }

  override createConnection(
    _options: unknown,
    done: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    this.#open().then(
      (socket) => done(null, socket),
      (error: Error) => done(error, undefined as never),
    );
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function addressOf({ remoteAddress = "" }: Socket): string {
  return remoteAddress;
}

/** Between us and the main process only: everything else is the caller's and passes. */
const ours: ReadonlySet<string> = new Set(["connection", "keep-alive", "proxy-connection", "expect"]);

/** A caller that speaks HTTP/1.0, as some proxies do, is told of, since from here on it is 1.1. */
function headersOnward({ headersDistinct, httpVersion }: IncomingMessage): Record<string, string | string[]> {
  const passed = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    ours.has(name) ? [] : [[name, values.length === 1 ? (values[0] as string) : values] as const],
  );
  const headers = Object.fromEntries(passed);
  if (httpVersion === "1.1") return headers;
  return { ...headers, via: [headers["via"] ?? [], `${httpVersion} endstation`].flat() };
}

function passBack(answer: IncomingMessage, response: ServerResponse): void {
  const { rawHeaders: lines, statusCode = 502, statusMessage } = answer;
  const passed = lines.flatMap((name, n) =>
    n % 2 === 0 && !ownBack.has(name.toLowerCase()) ? [name, lines[n + 1] ?? ""] : [],
  );
  const closing = answer.headers.connection === "close" ? ["Connection", "close"] : [];
  response.writeHead(statusCode, statusMessage, [...passed, ...closing]);
  response.flushHeaders();
  pipeline(answer, response, () => {});
}

const ownBack: ReadonlySet<string> = new Set(["connection", "keep-alive", "transfer-encoding"]);

function requestHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const fields = rawHeaders.map((text, n) => (n % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  return `${method} ${url} HTTP/${httpVersion}\r\n${fields.join("")}\r\n`;
}
