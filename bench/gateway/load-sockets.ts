import { connect, type Socket } from "node:net";
import type { Way } from "./ways.ts";

/**
 * The load of WebSockets, in a process of its own. It says `open` when all are there. With `seconds` each sends a message,
 * waits for all of its bytes to come back, and sends the next; then it says how many came back. Without, all are held
 * and nothing is said on them, until the input ends.
 */
export interface SocketsLoad {
  readonly port: number;
  readonly ways: readonly Way[];
  readonly connections: number;
  readonly messageBytes: number;
  readonly seconds: number | null;
}

const load = JSON.parse(process.argv[2] ?? "") as SocketsLoad;
const openingAtOnce = 50;

const sockets: Socket[] = [];
await Promise.all(Array.from({ length: openingAtOnce }, openNext));
console.log("open");
if (load.seconds !== null) console.log(JSON.stringify(await echoes(load.seconds)));
else await new Promise((resolve) => process.stdin.once("end", resolve).resume());
process.exit(0);

async function openNext(): Promise<void> {
  while (sockets.length < load.connections) {
    const socket = connect(load.port, "127.0.0.1").setNoDelay(true);
    sockets.push(socket);
    await opened(socket, load.ways[sockets.length % load.ways.length] as Way);
  }
}

function opened(socket: Socket, { host, headers }: Way): Promise<void> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const upgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2l4dGVlbiBsZXR0ZXJzIQ==\r\n";
  socket.write(`GET /sockets/echo HTTP/1.1\r\nHost: ${host}\r\n${lines.join("")}${upgrade}\r\n`);
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("a WebSocket was closed")));
    socket.once("data", (head) =>
      head.includes(" 101 ") ? resolve() : reject(new Error(head.toString("latin1"))),
    );
  });
}

async function echoes(seconds: number): Promise<{ messages: number; seconds: number }> {
  const message = masked(load.messageBytes);
  let messages = 0;
  for (const socket of sockets) {
    let missing = message.length;
    socket.on("data", (chunk) => {
      missing -= chunk.length;
      if (missing > 0) return;
      messages += 1;
      missing = message.length;
      socket.write(message);
    });
    socket.write(message);
  }
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  return { messages, seconds: (performance.now() - began) / 1_000 };
}

/** A binary message as a browser sends it, with a mask of zeros. */
function masked(bytes: number): Buffer {
  const length = Buffer.alloc(bytes < 65_536 ? 2 : 8);
  if (bytes < 65_536) length.writeUInt16BE(bytes);
  else length.writeBigUInt64BE(BigInt(bytes));
  const kind = Buffer.from([0x82, 0x80 | (bytes < 65_536 ? 126 : 127)]);
  return Buffer.concat([kind, length, Buffer.alloc(4 + bytes)]);
}
