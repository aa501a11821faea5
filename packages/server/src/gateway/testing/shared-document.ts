import { WebSocket } from "ws";
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from "yjs";
import { ask } from "./browser.ts";

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

/** Host, origin and cookie of one who is inside. */
export interface Way {
  readonly host: string;
  readonly origin: string;
  readonly cookie: string;
}

/** The pair that Jupyter compares; a viewer's page might send one too. */
export const xsrf = "0123456789abcdef0123456789abcdef";

export function headersOf({ origin, cookie }: Way): Record<string, string> {
  return {
    origin,
    cookie: `${cookie}; _xsrf=${xsrf}`,
    "x-xsrftoken": xsrf,
    "content-type": "application/json",
  };
}

/** Where the room of a notebook is. */
export async function roomOf(port: number, way: Way, path: string): Promise<string> {
  const body = JSON.stringify({ format: "json", type: "notebook" });
  const request = { host: way.host, method: "PUT", path: `/api/collaboration/session/${path}` };
  const answer = await ask(port, { ...request, headers: headersOf(way), body });
  const { fileId, sessionId } = JSON.parse(answer.body);
  return `/api/collaboration/room/json:notebook:${fileId}?sessionId=${sessionId}`;
}
