import type { Duplex } from "node:stream";
import { problemOf } from "./problem.ts";

/** What Node says of a request that it could not read. */
export interface Unreadable {
  readonly code?: string;
  /** A Buffer: the piece in which the fault was met; those before it are gone. */
  readonly rawPacket?: unknown;
}

/** What is not even HTTP gets a problem too, on the bare socket, which is then closed. */
export function answerUnreadable({ code, rawPacket }: Unreadable, socket: Duplex): void {
  if (code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  // What a browser still sends must be taken, or it learns of the broken connection before it reads the answer.
  socket.resume();
  if (code !== "HPE_HEADER_OVERFLOW")
    socket.end(answerOf("400 Bad Request", "the request is not valid HTTP"));
  else if (Buffer.isBuffer(rawPacket) && hasTooManyCookies(rawPacket))
    socket.end(answerOf(tooLarge, forgotten, ['Clear-Site-Data: "cookies"']));
  else socket.end(answerOf(tooLarge, "the address or the headers are too long"));
}

const tooLarge = "431 Request Header Fields Too Large";
const forgotten =
  "the browser sent more cookies than can be read, and was told to forget them: load the page again";
const longestAddress = 16_000;

/**
 * Whether it was cookies that made the headers too long. Sessions below the portal's registrable domain can set them for
 * the portal too, and nobody but the browser can take them away. A long address, which any site can lead to, must not
 * have the same effect: no browser puts a space into one, and between two cookies there always is one.
 */
export function hasTooManyCookies(packet: Buffer): boolean {
  const text = packet.toString("latin1");
  const [line = ""] = text.split("\r\n", 1);
  const isBeginning = /^[A-Z]+ \S+ HTTP\/1\.1$/.test(line);
  if (!isBeginning) return line.includes("; ");
  const cookies = text.search(/\r\ncookie: /i);
  return line.length < longestAddress && cookies > 0 && cookies < 2 * longestAddress;
}

function answerOf(status: string, detail: string, more: readonly string[] = []): string {
  const body = JSON.stringify(problemOf("malformed-request", detail));
  const head = [
    `HTTP/1.1 ${status}`,
    "Content-Type: application/problem+json",
    "X-Content-Type-Options: nosniff",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...more,
  ];
  return `${[...head, "Connection: close"].join("\r\n")}\r\n\r\n${body}`;
}
