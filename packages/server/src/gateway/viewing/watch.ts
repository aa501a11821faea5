import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { insideHost } from "../headers.ts";
import { insideOrigin } from "./inside.ts";
import type { Frame, Sends, Watching } from "./viewing.ts";

export interface Watch {
  readonly watching: Watching;
  dial(): Promise<Duplex>;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** What a page of a viewer's says is small; a notebook with its pictures may be large. */
const mostFromViewer = 4 * 1024 * 1024;
const mostFromInside = 256 * 1024 * 1024;
const framesPerSecond = 200;
const handshakeWithinMs = 20_000;
/** What may wait for a slow viewer before the session's end is not read any further. */
const mostWaiting = 1024 * 1024;

/**
 * Both ends are WebSockets of the gateway's own: a frame that comes in is shown to the rule, and only what the rule makes
 * goes out. @throws when the session's end does not open.
 */
export async function watch({ watching, dial, request, socket, head }: Watch): Promise<void> {
  const inside = watching.inside === null ? null : await openInside(watching.inside, await dial());
  if (socket.destroyed) return inside?.terminate();
  const server = new WebSocketServer({
    ...{ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: mostFromViewer },
    handleProtocols: () => watching.protocol ?? false,
  });
  // It answers a bad handshake itself and ends the socket; then nothing is left to join.
  socket.once("close", () => inside?.terminate());
  server.handleUpgrade(request, socket, head, (viewer) => joinEnds(watching, viewer, inside));
}

async function openInside(
  { path, protocol }: NonNullable<Watching["inside"]>,
  connection: Duplex,
): Promise<WebSocket> {
  const inside = new WebSocket(`ws://${insideHost}${path}`, protocol === undefined ? [] : [protocol], {
    ...{ perMessageDeflate: false, maxPayload: mostFromInside, handshakeTimeout: handshakeWithinMs },
    ...{ origin: insideOrigin, createConnection: (() => connection) as never },
  });
  inside.on("error", () => inside.terminate());
  // What comes before the viewer's end is open must not be lost.
  inside.once("open", () => inside.pause());
  await once(inside, "open");
  return inside;
}

function joinEnds(watching: Watching, viewer: WebSocket, inside: WebSocket | null): void {
  const send = ({ viewer: outward = [], inside: inward = [] }: Sends) => {
    for (const { data, isBinary } of outward)
      viewer.send(data, { binary: isBinary }, () => slow(inside, viewer));
    for (const { data, isBinary } of inward) inside?.send(data, { binary: isBinary }, () => {});
    if (viewer.bufferedAmount > mostWaiting) inside?.pause();
  };
  const rate = rateLimit(framesPerSecond);
  // Whatever is said, a rule that fails ends this line and nothing else.
  const ruled = (rule: () => Sends) => {
    try {
      send(rule());
    } catch {
      viewer.close(1011, "it was not understood");
    }
  };
  viewer.on("message", (data, isBinary) => {
    if (rate()) ruled(() => watching.fromViewer(frameOf(data, isBinary)));
    else viewer.close(1008, "too many messages");
  });
  inside?.on("message", (data, isBinary) =>
    ruled(() => watching.fromInside?.(frameOf(data, isBinary)) ?? {}),
  );
  closeTogether(viewer, inside);
  send(watching.opened?.() ?? {});
  inside?.resume();
}

function slow(inside: WebSocket | null, viewer: WebSocket): void {
  if (inside?.isPaused && viewer.bufferedAmount <= mostWaiting / 2) inside.resume();
}

function closeTogether(viewer: WebSocket, inside: WebSocket | null): void {
  viewer.on("error", () => viewer.terminate());
  viewer.on("close", () => inside?.close());
  inside?.on("close", (code, reason) => viewer.close(mayBeSent(code) ? code : 1011, reason));
}

/** 1005, 1006 and 1015 say that no code was given, and may not be. */
function mayBeSent(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000)
  );
}

function frameOf(data: RawData, isBinary: boolean): Frame {
  return { data: Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer), isBinary };
}

/** Answers whether one more may pass in this second. */
export function rateLimit(perSecond: number): () => boolean {
  let second = 0;
  let taken = 0;
  return () => {
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) taken = 0;
    second = now;
    taken += 1;
    return taken <= perSecond;
  };
}
