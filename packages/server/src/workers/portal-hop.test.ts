import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { statSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { test } from "node:test";
import type { FastifyInstance } from "fastify";
import { ask, raw, until } from "../gateway/testing/browser.ts";
import { enter } from "../gateway/testing/entering.ts";
import { askBy } from "./testing/asking.ts";
import { withCrew } from "./testing/crew.ts";

/** What is told of who asks: as the log-in, the limits and the development issuer see it. */
const who = (app: FastifyInstance) =>
  app.get("/who", async ({ ip, raw: { headers, httpVersion, socket } }) => ({
    ...{ ip, remote: socket.remoteAddress, httpVersion, headers },
  }));

test("the portal knows each caller's address, and whatever else she says is as she said it", () =>
  withCrew(
    async ({ house }) => {
      const host = `localhost:${house.port}`;
      const claims = { "x-forwarded-for": "192.0.2.1", forwarded: "for=192.0.2.1", "x-odd": "a b" };
      const told = JSON.parse((await ask(house.port, { host, path: "/who", headers: claims })).body);
      assert.deepEqual([told.ip, told.remote], ["127.0.0.1", "127.0.0.1"]);
      assert.deepEqual(told.headers, { ...claims, host, connection: "keep-alive" });
      const six = connect(house.port, "::1");
      const other = JSON.parse((await askBy(six, { host, path: "/who" })).body);
      assert.deepEqual([other.ip, other.remote], ["::1", "::1"]);
      assert.equal(JSON.parse((await askBy(six, { host, path: "/who" })).body).ip, "::1");
    },
    { portal: who },
  ));

test("a caller that speaks HTTP/1.0, as a proxy may, does not pass for a browser", () =>
  withCrew(
    async ({ house }) => {
      const answer = await raw(house.port, `GET /who HTTP/1.0\r\nHost: localhost:${house.port}\r\n\r\n`);
      assert.match(answer, /"via":"1.0 endstation"/);
    },
    { portal: who },
  ));

test("one connection may be for the portal and for sessions in turn, as behind a proxy", () =>
  withCrew(
    async ({ house }) => {
      const cookie = await enter(house, house.first);
      const connection = connect(house.port, "127.0.0.1");
      const portal = { host: `localhost:${house.port}`, path: "/who" };
      const session = { host: house.first.host, path: "/a", headers: { cookie } };
      for (const [asked, has] of [
        [portal, /"ip"/],
        [session, /"url":"\/a"/],
        [portal, /"ip"/],
        [session, /"url":"\/a"/],
      ] as const)
        assert.match((await askBy(connection, asked)).body, has);
    },
    { portal: who },
  ));

test("bodies arrive whole, with their length or in pieces, and a POST without one is one without", () =>
  withCrew(
    async ({ house }) => {
      const body = randomBytes(900_000);
      const host = `localhost:${house.port}`;
      const type = { "content-type": "application/octet-stream" };
      const post = (headers: Record<string, string>, sent?: Buffer) =>
        ask(house.port, { host, path: "/sink", method: "POST", headers, ...(sent && { body: sent }) });
      const whole = JSON.stringify({ bytes: body.length, sha256: digest(body) });
      assert.equal((await post(type, body)).body, whole);
      assert.equal((await post({ ...type, "transfer-encoding": "chunked" }, body)).body, whole);
      assert.equal(
        (await post({ ...type, "content-length": "900000", expect: "100-continue" }, body)).body,
        whole,
      );
      assert.equal((await post({})).body, JSON.stringify({ bytes: 0, sha256: digest(Buffer.alloc(0)) }));
      const tooMuch = await post(type, randomBytes(1_100_000));
      assert.equal(tooMuch.status, 413);
    },
    {
      portal: (app) => {
        app.addContentTypeParser(
          "application/octet-stream",
          { parseAs: "buffer" },
          async (_: unknown, body: Buffer) => body,
        );
        app.post<{ Body?: Buffer }>("/sink", async ({ body = Buffer.alloc(0) }) => ({
          ...{ bytes: body.length, sha256: digest(body) },
        }));
      },
    },
  ));

test("the portal may refuse a body before any of it has come", () =>
  withCrew(
    async ({ house }) => {
      const head = ["POST /refuses HTTP/1.1", `Host: localhost:${house.port}`, "Content-Length: 100000000"];
      assert.match(await raw(house.port, `${head.join("\r\n")}\r\n\r\n`), /^HTTP\/1.1 401 /);
    },
    {
      portal: (app) =>
        app.post(
          "/refuses",
          { onRequest: (_request, reply) => void reply.code(401).send("") },
          async () => "",
        ),
    },
  ));

test("events pass one by one, each before the next is made; who goes is gone for the portal too", () => {
  let say: (text: string) => void = () => {};
  let left = false;
  return withCrew(
    async ({ house }) => {
      const connection = connect(house.port, "127.0.0.1");
      let heard = "";
      connection.on("data", (chunk) => {
        heard += String(chunk);
      });
      connection.write(`GET /events HTTP/1.1\r\nHost: localhost:${house.port}\r\n\r\n`);
      await until(() => /text\/event-stream/.test(heard));
      for (const text of ["one", "two", "three"]) {
        say(text);
        await until(() => heard.includes(text));
      }
      connection.destroy();
      await until(() => left);
    },
    {
      portal: (app) =>
        app.get("/events", async (_request, reply) => {
          reply.hijack();
          reply.raw.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
          say = (text) => void reply.raw.write(`data: ${text}\n\n`);
          reply.raw.once("close", () => {
            left = true;
          });
        }),
    },
  );
});

test("upgrades pass too: it is the portal that refuses them", () =>
  withCrew(async ({ house }) => {
    const head = ["GET /socket HTTP/1.1", `Host: localhost:${house.port}`, "Upgrade: websocket"];
    const answer = await raw(house.port, `${[...head, "Connection: Upgrade"].join("\r\n")}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1.1 404 /);
  }));

test("the back door lets in nobody who says nothing, or no sense", () =>
  withCrew(
    async ({ backDoor }) => {
      const { mode, uid } = statSync(dirname(backDoor));
      assert.deepEqual([mode & 0o777, uid], [0o700, process.getuid?.()]);
      for (const said of [
        "\n",
        "{}\n",
        '{"from":"localhost"}\n',
        '{"splice":"guessed"}\n',
        "x".repeat(2_000),
      ]) {
        const socket = connect(backDoor);
        socket.on("error", () => {});
        socket.write(`${said}GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        let heard = "";
        socket.on("data", (chunk) => {
          heard += String(chunk);
        });
        await once(socket, "close");
        assert.equal(heard, "", said);
      }
    },
    { portal: who },
  ));

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
