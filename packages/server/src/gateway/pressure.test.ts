import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "./testing/browser.ts";
import { enter } from "./testing/entering.ts";
import { type House, withHouse } from "./testing/house.ts";

/** More than this is nowhere on the way: kernel buffers of two connections and a few chunks. */
const mostOnTheWay = 24 * 1024 * 1024;

/** Waits until a count has stood still for a second, and answers it. */
async function settled(count: () => number): Promise<number> {
  let last = -1;
  await until(async () => {
    const before = count();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    last = count();
    return last === before;
  });
  return last;
}

function send(house: House, text: string): Socket {
  const socket = connect(house.port, "127.0.0.1");
  socket.write(text);
  socket.on("error", () => {});
  return socket;
}

test("a reader that takes nothing holds the session's answer back: memory stays bounded", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    const before = process.memoryUsage().rss;
    const readers = Array.from({ length: 4 }, () =>
      send(house, `GET /flood HTTP/1.1\r\nHost: ${house.first.host}\r\nCookie: ${cookie}\r\n\r\n`).pause(),
    );
    await until(() => house.inside.floodBytes() > 0);
    const taken = await settled(() => house.inside.floodBytes());
    const grown = process.memoryUsage().rss - before;
    console.log(
      `figure: 4 readers that take nothing: ${mib(taken)} taken from the session, memory grew by ${mib(grown)}`,
    );
    assert.ok(taken < 4 * mostOnTheWay, `${taken} bytes were taken`);
    let read = 0;
    readers[0]?.on("data", (chunk) => {
      read += chunk.length;
    });
    readers[0]?.resume();
    await until(() => read > 2 * mostOnTheWay);
    for (const reader of readers) reader.destroy();
    const end = await settled(() => house.inside.floodBytes());
    assert.ok(end > taken, "it flowed on when it was read, and ended when the readers went");
  }));

test("a session that takes nothing holds an upload and a WebSocket's sender back", () =>
  withSleeper(async (path, sleeper) => {
    await withHouse(async (house) => {
      const { host, origin } = house.first;
      const head = `Host: ${host}\r\nOrigin: ${origin}\r\nCookie: ${await enter(house, house.first)}\r\n`;
      const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
      const senders = [
        send(house, `PUT /x HTTP/1.1\r\n${head}Content-Length: 1000000000\r\n\r\n`),
        send(house, `GET /x HTTP/1.1\r\n${head}${upgrade}\r\n`),
      ];
      for (const sender of senders) {
        const onTheWay = await pushed(sender);
        console.log(`figure: what nobody takes: ${mib(onTheWay)} on the way`);
        assert.ok(onTheWay < mostOnTheWay, `${onTheWay} bytes were taken`);
        sender.destroy();
      }
      assert.equal(sleeper.length, senders.length);
      for (const one of sleeper) one.resume();
      await until(() => sleeper.every((one) => one.closed));
    }, path);
  }));

/** How much a sender gets rid of until nothing more is taken. */
async function pushed(sender: Socket): Promise<number> {
  const piece = Buffer.alloc(256 * 1024);
  let sent = 0;
  const more = () => {
    sent += piece.length;
    while (sender.write(piece)) sent += piece.length;
  };
  sender.on("drain", more);
  more();
  return settled(() => sent);
}

/** A server that agrees to a WebSocket, and from then on neither reads nor answers. */
async function withSleeper(run: (path: string, taken: readonly Socket[]) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "est-sl-"));
  const path = join(folder, "s");
  const taken: Socket[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (head) => {
      if (head.toString().startsWith("GET ")) socket.write(agreed);
      taken.push(socket.pause());
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    await run(path, taken);
  } finally {
    for (const socket of taken) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  }
}

const agreed = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
