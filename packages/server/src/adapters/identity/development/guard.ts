import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** Headers that only something between the browser and us writes. */
const forwarding =
  /^(forwarded|x-forwarded-.*|x-forwarded|x-real-ip|x-client-ip|x-cluster-client-ip|x-original-.*|x-envoy-.*|true-client-ip|cf-.*|cdn-loop|fastly-.*|via|client-ip)$/;
const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/** The part of a request that tells how it came. */
export interface Arrival {
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  readonly remoteAddress: string | undefined;
}

export function arrivalOf(request: IncomingMessage): Arrival {
  const { headers, httpVersion, socket } = request;
  return { headers, httpVersion, remoteAddress: socket.remoteAddress };
}

/**
 * Why a request may not reach what is for development only: it must come straight from this machine, to a loopback name
 * with our port. Null when it does. A reverse proxy shows itself by a forwarding header, by another Host, or by
 * speaking HTTP/1.0, which no browser does.
 */
export function whyNotDirect({ headers, httpVersion, remoteAddress }: Arrival, port: number): string | null {
  const forwarded = Object.keys(headers).find((name) => forwarding.test(name));
  if (forwarded !== undefined) return `it was forwarded (it has the header ${forwarded})`;
  if (!isLoopback(remoteAddress)) return "it comes from another machine";
  if (!isOwnHost(headers.host, port)) return "it is addressed to another host than localhost";
  if (httpVersion === "1.0") return "it comes by HTTP/1.0, as from a proxy";
  return null;
}

function isOwnHost(host: string | undefined, port: number): boolean {
  const names = port === 80 ? [...loopbackNames, ...withPort(80)] : withPort(port);
  return names.includes(host?.toLowerCase() ?? "");
}

function withPort(port: number): string[] {
  return loopbackNames.map((name) => `${name}:${port}`);
}

function isLoopback(address: string | undefined): boolean {
  return address === "::1" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address ?? "");
}
