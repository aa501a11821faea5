import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { WebSocket } from "ws";

export interface Ask {
  readonly host: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly lines: readonly string[];
  readonly body: string;
}

/** One request, whatever its Host, to the loopback port. */
export function ask(
  port: number,
  { host, method = "GET", path = "/", headers = {}, body }: Ask,
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, method, path, headers: { host, ...headers }, agent: false };
    const sent = httpRequest(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          lines: answer.rawHeaders,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Sends bytes as they are and answers all that comes back until the other side closes, a second of silence, or three in all. */
export function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text, "latin1"));
    let answer = "";
    const done = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, done);
    const timer = setTimeout(done, 3_000);
    socket.on("close", () => clearTimeout(timer));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", (error) => (answer === "" ? reject(error) : done()));
    socket.on("end", done);
  });
}

export interface Opening {
  readonly host: string;
  readonly path?: string;
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A WebSocket, or the status it was refused with. */
export function openSocket(
  port: number,
  { host, path = "/", origin, headers }: Opening,
): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      perMessageDeflate: false,
      headers: { host, ...(origin === undefined ? {} : { origin }), ...headers },
    });
    socket.once("open", () => resolve(socket));
    socket.once("unexpected-response", (_request, answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    socket.on("error", () => resolve(0));
  });
}

/** Waits until something is so; a slow machine may take its time. */
export async function until(so: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await so())) {
    if (performance.now() > end) throw new Error(`not so within ${withinMs} ms: ${so}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
