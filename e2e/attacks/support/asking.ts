import { type IncomingHttpHeaders, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { connect as tlsConnect } from "node:tls";
import type { World } from "./world.ts";

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly lines: readonly string[];
  readonly body: string;
}

/** A client outside asks an origin for a path; what it says of itself is up to it. */
export function ask(
  { setting: { port, tls } }: Pick<World, "setting">,
  origin: string,
  path: string,
  { method = "GET", headers = {}, body }: Asking = {},
): Promise<Told> {
  const options = { host: "127.0.0.1", port, method, path, agent: false as const };
  const given = { ...options, headers: { host: new URL(origin).host, ...headers } };
  return new Promise((resolve, reject) => {
    const sent = tls === null ? plainRequest(given) : tlsRequest({ ...given, rejectUnauthorized: false });
    sent.once("response", (answer) => {
      let text = "";
      answer.setEncoding("latin1").on("data", (chunk) => {
        text += chunk;
      });
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          lines: answer.rawHeaders,
          body: text,
        }),
      );
    });
    sent.on("error", reject);
    sent.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: answer.headers, lines: answer.rawHeaders, body: "" });
    });
    sent.end(body);
  });
}

/** A bare connection to the portal, below HTTP. */
export function bareSocket({ setting: { port, tls } }: Pick<World, "setting">): Duplex {
  const socket =
    tls === null
      ? connect(port, "127.0.0.1")
      : tlsConnect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  return socket.on("error", () => {});
}

/** Sends bytes as they are; answers all that comes back until the other side closes or is silent for a while. */
export function raw(world: Pick<World, "setting">, text: string, silentMs = 500): Promise<string> {
  return new Promise((resolve) => {
    const socket = bareSocket(world);
    let answer = "";
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    let timer = setTimeout(done, 5_000);
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      clearTimeout(timer);
      timer = setTimeout(done, silentMs);
    });
    socket.on("close", done);
    socket.on("end", done);
    socket.write(text, "latin1");
  });
}

/** The statuses of all answers in what came back on one connection. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
