import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { ask, bareSocket, raw, statusesIn } from "./support/asking.ts";
import type { Family } from "./support/family.ts";
import { insideOwn } from "./support/people.ts";

/** What a client outside tries by sending too much, too little or too slowly. */
export const floods: Family = (stage) => {
  test("keep others out by connections that never finish their request", async () => {
    const { world } = stage();
    const slow = Array.from({ length: 100 }, (_, index) => dripping(bareSocket(world), index % 2 === 0));
    const began = performance.now();
    for (let turn = 0; turn < 5; turn += 1)
      assert.equal((await ask(world, world.origin, "/")).status, 200, "the others are served meanwhile");
    await until("all of them to be cut", async () => slow.every(({ destroyed }) => destroyed), 60_000);
    console.log(
      `figure: slow connections are gone after ${((performance.now() - began) / 1000).toFixed(0)} s`,
    );
  });

  test("hold the portal by an answer that is never read", async () => {
    const { world } = stage();
    const { place, cookie } = await insideOwn(world, "other");
    let given = 0;
    place.server.pages.set("/endless", (_request, response) => {
      const piece = Buffer.alloc(64 * 1024);
      const more = () => {
        while (response.write(piece)) given += piece.length;
        given += piece.length;
      };
      response.on("drain", more).on("error", () => {});
      more();
    });
    const idle = bareSocket(world).pause();
    idle.write(`GET /endless HTTP/1.1\r\nHost: ${place.host}\r\nCookie: ${cookie}\r\n\r\n`);
    await until(
      "the session to be held back",
      async () => given > 0 && (await standsStill(() => given)),
      20_000,
    );
    assert.ok(given < 32 * 1024 * 1024, `${given} bytes were taken`);
    assert.equal((await ask(world, world.origin, "/")).status, 200);
    idle.destroy();
  });

  test("exhaust the portal by headers, addresses, trailers, chunk extensions or header lines without end", async () => {
    const { world } = stage();
    const { place, cookie } = await insideOwn(world, "other");
    for (const host of [place.host, new URL(world.origin).host]) {
      const head = `Host: ${host}\r\nCookie: ${cookie}\r\nOrigin: ${place.origin}\r\n`;
      const chunked = `POST /x HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n`;
      const floods = [
        `GET /${"a".repeat(100_000)} HTTP/1.1\r\n${head}\r\n`,
        `GET / HTTP/1.1\r\n${head}X: ${"a".repeat(100_000)}\r\n\r\n`,
        `GET / HTTP/1.1\r\n${head}${"a: b\r\n".repeat(20_000)}\r\n`,
        `${chunked}0\r\nX: ${"a".repeat(100_000)}\r\n\r\n`,
        `${chunked}1;${"x".repeat(100_000)}\r\na\r\n0\r\n\r\n`,
      ];
      for (const flood of floods) {
        const [status = 0] = statusesIn(await raw(world, flood, 300));
        assert.ok(status === 0 || (status >= 400 && status < 500), `${status} for ${flood.slice(0, 40)}`);
      }
    }
    assert.equal((await ask(world, world.origin, "/")).status, 200);
  });

  test("have the portal take a body it has not asked for from one who is not logged in", async () => {
    const { world } = stage();
    const host = new URL(world.origin).host;
    const head = `POST /api/v1/sessions HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n`;
    assert.match(await raw(world, head, 400), /^HTTP\/1\.1 401 /);
  });
};

/** Sends a little, now and then, and never an end. */
function dripping(socket: Duplex, isSilent: boolean): Duplex {
  if (!isSilent) socket.write("GET / HTTP/1.1\r\nHost: x\r\n");
  const timer = setInterval(() => {
    if (!isSilent && socket.writable) socket.write("X: y\r\n");
  }, 1_000);
  socket.on("close", () => clearInterval(timer)).resume();
  return socket;
}

async function standsStill(count: () => number): Promise<boolean> {
  const before = count();
  await new Promise((resolve) => setTimeout(resolve, 700));
  return count() === before;
}
