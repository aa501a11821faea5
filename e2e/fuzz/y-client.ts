import { WebSocket } from "ws";
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from "yjs";
import type { Way } from "./protocol.ts";

/** A page's end of a shared document, without the page. */
export interface Client {
  readonly doc: Doc;
  readonly socket: WebSocket;
  /** Changes the document and tells the room. */
  change(edit: (doc: Doc) => void): void;
  close(): void;
}

const pieces = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...pieces(Math.floor(value / 128))];

/** Sync messages: 0 the document's state is asked for, 1 it is given, 2 a change. */
export function syncMessage(type: 0 | 1 | 2, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0, type, ...pieces(bytes.length)]), bytes]);
}

export async function joinRoom(port: number, way: Way, path: string): Promise<Client> {
  const doc = new Doc();
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    perMessageDeflate: false,
    headers: { host: way.host, origin: way.origin, cookie: way.cookie },
  });
  const synced = new Promise<void>((resolve, reject) => {
    socket.on("message", (data: Buffer) => {
      if (data[0] !== 0) return;
      if (data[1] === 0) socket.send(syncMessage(1, encodeStateAsUpdate(doc)));
      else applyUpdate(doc, bytesOf(data), "room");
      if (data[1] === 1) resolve();
    });
    socket.on("error", reject);
    socket.on("close", (code) => reject(new Error(`the room was closed: ${code}`)));
  });
  socket.once("open", () => socket.send(syncMessage(0, encodeStateVector(doc))));
  await synced;
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin !== "room") socket.send(syncMessage(2, update));
  });
  return { doc, socket, change: (edit) => doc.transact(() => edit(doc)), close: () => socket.terminate() };
}

/** What follows the two types and the length. */
function bytesOf(data: Buffer): Uint8Array {
  let at = 2;
  while ((data[at] ?? 0) >= 128) at += 1;
  return data.subarray(at + 1);
}
