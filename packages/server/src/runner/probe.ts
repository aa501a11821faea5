import type { Duplex } from "node:stream";
import type { EndpointKind } from "@endstation/core";

/** Whether what answers on a fresh connection is ready for people. It need not close the connection. */
export type Probe = (connection: Duplex, endpoint: EndpointKind, signal: AbortSignal) => Promise<boolean>;

/** Where an endpoint says how it is. */
const statusPages: Readonly<Partial<Record<EndpointKind, string>>> = {
  jupyter: "/api/status",
  terminal: "/status",
};

const requestFor = (path: string) =>
  [
    `GET ${path} HTTP/1.1`,
    "Host: session.localhost",
    "Accept: application/json",
    "Connection: close",
    "",
    "",
  ].join("\r\n");

/** An endpoint with a status page is ready when that answers 200; every other when it can be dialled. */
export const usualProbe: Probe = (connection, endpoint, signal) => {
  const path = statusPages[endpoint];
  return path === undefined ? Promise.resolve(true) : answersWell(connection, requestFor(path), signal);
};

function answersWell(connection: Duplex, request: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let head = "";
    const end = (isReady: boolean) => {
      signal.removeEventListener("abort", giveUp);
      resolve(isReady);
    };
    const giveUp = () => end(false);
    signal.addEventListener("abort", giveUp, { once: true });
    connection.once("error", giveUp).once("close", giveUp).once("end", giveUp);
    connection.on("data", (chunk: Buffer) => {
      head += chunk.toString("latin1");
      if (/\r?\n/.test(head) || head.length > 1_000) end(/^HTTP\/1\.[01] 200[ \r]/.test(head));
    });
    connection.write(request);
  });
}
