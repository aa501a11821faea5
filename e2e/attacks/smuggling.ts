import assert from "node:assert/strict";
import { test } from "node:test";
import { raw, statusesIn } from "./support/asking.ts";
import type { Family } from "./support/family.ts";
import { insideOwn, type Place } from "./support/people.ts";

/** What is tried by requests of which two readers could see two different ends. */
export const smuggling: Family = (stage) => {
  const smuggled = "GET /smuggled HTTP/1.1\r\nHost: HOST\r\nCookie: COOKIE\r\n\r\n";
  const lengths: Readonly<Record<string, string>> = {
    "Content-Length against Transfer-Encoding": `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    "Transfer-Encoding against Content-Length": `Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\na\r\n0\r\n\r\n${smuggled}`,
    "two lengths": `Content-Length: 0\r\nContent-Length: 5\r\n\r\n${smuggled}`,
    "a list of lengths": `Content-Length: 0, 0\r\n\r\n${smuggled}`,
    "a length with a sign": `Content-Length: +0\r\n\r\n${smuggled}`,
    "a length in hexadecimal": `Content-Length: 0x0\r\n\r\n${smuggled}`,
    "an encoding that nobody knows": `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
    "two encodings": `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${smuggled}`,
    "an encoding behind a tab": `Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${smuggled}`,
    "a space before the colon": `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    "a folded line": `Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    "a folded length": `X: a\r\n Content-Length: 100\r\n\r\n${smuggled}`,
    "bare line feeds": `X: a\nContent-Length: 0\n\n${smuggled}`,
    "a bare carriage return": `X: a\rContent-Length: 100\r\n\r\n${smuggled}`,
    "a NUL in a header": `X: a\0b\r\nContent-Length: 0\r\n\r\n${smuggled}`,
    "a chunk with a line feed alone": `Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n${smuggled}`,
    "a chunk size with a sign": `Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${smuggled}`,
    "a chunk size in hexadecimal": `Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${smuggled}`,
    "a chunk size that overflows": `Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n${smuggled}`,
    "a chunk extension with a line feed": `Transfer-Encoding: chunked\r\n\r\n0;\nx\r\n\r\n${smuggled}`,
    "a chunk longer than it says": `Transfer-Encoding: chunked\r\n\r\n1\r\nabcd\r\n0\r\n\r\n${smuggled}`,
  };

  for (const [how, tail] of Object.entries(lengths))
    test(`smuggle a second request by ${how}`, async () => {
      const { place, cookie } = await insideOwn(stage().world, "other");
      for (const [host, method] of [
        [place.host, "POST"],
        [new URL(stage().world.origin).host, "POST"],
      ] as const) {
        const head = `${method} /first HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${place.origin}\r\nCookie: ${cookie}\r\n`;
        const sent = head + tail.replaceAll("HOST", place.host).replaceAll("COOKIE", cookie);
        const answer = await raw(stage().world, sent, 250);
        const [, ...behind] = statusesIn(answer);
        assert.ok(behind.length === 0 || (behind.length === 1 && behind[0] === 400), `${host}: ${answer}`);
        assert.doesNotMatch(answer, /id=inside/);
      }
      assert.deepEqual(urlsOf(place), []);
    });

  test("smuggle a request behind an upgrade that is not one", async () => {
    const { place, cookie } = await insideOwn(stage().world, "other");
    const head = `Host: ${place.host}\r\nOrigin: ${place.origin}\r\nCookie: ${cookie}\r\n`;
    const second = `GET /smuggled HTTP/1.1\r\n${head}\r\n`;
    const upgrades = [
      "Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n",
      "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n",
      "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n\r\n",
      "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello",
      "Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Connection: Upgrade, Sec-WebSocket-Key\r\nUpgrade: websocket\r\n\r\n",
    ];
    for (const upgrade of upgrades)
      for (const method of ["GET", "POST"]) {
        const answer = await raw(
          stage().world,
          `${method} /first HTTP/1.1\r\n${head}${upgrade}${second}`,
          250,
        );
        assert.match(answer, /^HTTP\/1\.1 40\d /, upgrade);
        assert.equal(statusesIn(answer).length, 1, answer);
      }
    assert.deepEqual(urlsOf(place), []);
    const portal = `GET /api/v1/me HTTP/1.1\r\nHost: ${new URL(stage().world.origin).host}\r\n`;
    const wrong = await raw(stage().world, `${portal}${upgrades[0]}${second}`, 250);
    assert.deepEqual(statusesIn(wrong), [404]);
  });

  test("get a tunnel through the gateway without the session's agreeing to a WebSocket", async () => {
    const { place, cookie } = await insideOwn(stage().world, "other");
    place.server.raw = (socket) =>
      void socket.once("data", () =>
        socket.end("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno"),
      );
    const head = `GET /ws HTTP/1.1\r\nHost: ${place.host}\r\nOrigin: ${place.origin}\r\nCookie: ${cookie}\r\n`;
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n";
    const answer = await raw(stage().world, `${head}${upgrade}GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.deepEqual(statusesIn(answer), [426]);
    assert.match(answer, /connection: close/i);
  });

  test("take out what a request is judged by, by naming it in Connection", async () => {
    const { place, cookie } = await insideOwn(stage().world, "other");
    for (const named of [
      "Cookie",
      "close, Origin",
      "Host",
      "Content-Length",
      "Sec-Fetch-Site",
      "authorization",
      "X-XSRFToken",
    ]) {
      const head = `POST /first HTTP/1.1\r\nHost: ${place.host}\r\nOrigin: ${place.origin}\r\nCookie: ${cookie}\r\n`;
      const answer = await raw(
        stage().world,
        `${head}Connection: ${named}\r\nContent-Length: 2\r\n\r\nab`,
        250,
      );
      assert.match(answer, /^HTTP\/1\.1 400 /, named);
    }
    assert.deepEqual(urlsOf(place), []);
  });

  test("put a header of one's own before the session as if the portal had said it", async () => {
    const { place, cookie } = await insideOwn(stage().world, "other");
    const forged = [
      ...["X-Forwarded-For: 1.2.3.4", "X-Forwarded-User: pi", "Forwarded: for=1.2.3.4", "X-Real-IP: 1.2.3.4"],
      ...[
        "Authorization: token x",
        "Proxy-Authorization: x",
        "Via: 1.1 portal",
        "TE: trailers",
        "Keep-Alive: 5",
      ],
    ].join("\r\n");
    const answer = await raw(
      stage().world,
      `GET /first HTTP/1.1\r\nHost: ${place.host}\r\nCookie: ${cookie}\r\n${forged}\r\n\r\n`,
    );
    assert.deepEqual(statusesIn(answer), [200]);
    const names = Object.keys(place.server.seen.at(-1)?.headers ?? {});
    assert.deepEqual(
      names.filter((name) => /forward|real-ip|authorization|via|^te$|keep-alive|cookie/.test(name)),
      [],
    );
    for (const path of [
      "/x%0d%0aX-Injected:1",
      "/x\r\nX-Injected: 1",
      "/x HTTP/1.1\r\nX-Injected: 1\r\nA: b",
    ]) {
      await raw(
        stage().world,
        `GET ${path} HTTP/1.1\r\nHost: evil.example\r\nCookie: ${cookie}\r\n\r\n`,
        200,
      );
      assert.equal(place.server.seen.at(-1)?.url, "/first", path);
    }
  });
};

/** What of these reached the session; a request that is refused, or cut in the middle, is none. */
function urlsOf({ server }: Place): string[] {
  return server.seen.map(({ url }) => url).filter((url) => url === "/smuggled");
}
