import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { test } from "node:test";
import { WebSocket } from "ws";
import { insideHost } from "./headers.ts";
import { ask, openSocket, raw, until } from "./testing/browser.ts";
import { enter } from "./testing/entering.ts";
import { addPlace, happen, withHouse } from "./testing/house.ts";

test("R20 R23 a ticket lets a browser in; requests and WebSockets reach the session", () =>
  withHouse(async (house) => {
    const { host, origin } = house.first;
    const cookie = await enter(house, house.first);
    const answer = await ask(house.port, { host, path: "/api/status?x=1", headers: { cookie } });
    assert.equal(answer.status, 200);
    assert.equal(answer.body, '{"url":"/api/status?x=1"}');
    const socket = await openSocket(house.port, { host, origin, headers: { cookie } });
    assert.ok(socket instanceof WebSocket, `refused with ${socket}`);
    const echoed = new Promise<string>((resolve) =>
      socket.once("message", (data) => resolve(data.toString())),
    );
    socket.send("1+1");
    assert.equal(await echoed, "1+1");
    socket.close();
    await until(() => house.inside.webSockets() === 0);
  }));

test("a session's server knows one host and one origin, and nothing of who the caller is to the portal", () =>
  withHouse(async (house) => {
    const { host, origin } = house.first;
    const cookie = `a=1; ${await enter(house, house.first)}; _xsrf=2`;
    await ask(house.port, {
      ...{ host, path: "/x", method: "POST", body: "{}" },
      headers: {
        ...{ cookie, origin, referer: `${origin}/lab?x=1`, authorization: "Bearer est_secret" },
        ...{
          "x-xsrftoken": "2",
          "x-forwarded-for": "1.2.3.4",
          "x-forwarded-host": "evil",
          forwarded: "for=1",
        },
        ...{ connection: "X-Mine, keep-alive", "x-mine": "1", te: "trailers", "x-kept": "1" },
      },
    });
    const lines = house.inside.seen.at(-1)?.lines ?? [];
    const told = new Map(
      lines.flatMap((name, n) => (n % 2 === 0 ? [[name.toLowerCase(), lines[n + 1]]] : [])),
    );
    assert.deepEqual(Object.fromEntries(told), {
      ...{ host: insideHost, connection: "keep-alive", "content-length": "2" },
      ...{ origin: `http://${insideHost}`, referer: `http://${insideHost}/lab?x=1`, cookie: "a=1; _xsrf=2" },
      ...{ "x-xsrftoken": "2", "x-kept": "1" },
    });
  }));

test("what a session says stays within its origin; the portal adds who may frame it", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    const { host, origin } = house.first;
    const answer = await ask(house.port, { host, path: "/headers", headers: { cookie } });
    assert.deepEqual(answer.headers["set-cookie"], ["_xsrf=abc; Path=/", "wide=1; Path=/"]);
    assert.equal(answer.headers["content-security-policy"], "default-src 'self', frame-ancestors 'self'");
    assert.equal(answer.headers["x-frame-options"], "SAMEORIGIN");
    assert.equal(answer.headers["cross-origin-resource-policy"], "same-origin");
    assert.equal(answer.headers["referrer-policy"], "same-origin");
    assert.equal(answer.headers["clear-site-data"], undefined);
    assert.equal(answer.headers["x-inner"], undefined);
    assert.equal(answer.headers["x-own"], "kept");
    const moved = await ask(house.port, { host, path: "/go", headers: { cookie } });
    assert.equal(moved.headers.location, `${origin}/lab?x=1`);
  }));

test("big uploads and downloads arrive whole, with and without a length; HEAD and 100-continue work", () =>
  withHouse(async (house) => {
    const { host, origin } = house.first;
    const cookie = await enter(house, house.first);
    const body = randomBytes(20 * 1024 * 1024);
    const expected = { bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };
    const own = { cookie, origin };
    for (const headers of [
      own,
      { ...own, "transfer-encoding": "chunked" },
      { ...own, expect: "100-continue" },
    ]) {
      const answer = await ask(house.port, { host, method: "PUT", path: "/sink", headers, body });
      assert.deepEqual(JSON.parse(answer.body), expected);
    }
    const blob = await ask(house.port, { host, path: `/blob?=${body.length}`, headers: { cookie } });
    assert.equal(blob.body.length, body.length);
    const head = await ask(house.port, { host, method: "HEAD", path: "/blob?=77", headers: { cookie } });
    assert.deepEqual([head.status, head.headers["content-length"], head.body], [200, "77", ""]);
    const early = await ask(house.port, { host, method: "POST", path: "/early", headers: own, body: "x" });
    assert.deepEqual([early.status, early.body], [413, "too much"]);
  }));

test("who asks before sending is told to go on only when she may come in", () =>
  withHouse(async (house) => {
    const { host, origin } = house.first;
    const head = `PUT /sink HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n`;
    assert.match(await raw(house.port, `${head}\r\n`), /^HTTP\/1\.1 404 /);
    const answer = await raw(house.port, `${head}Cookie: ${await enter(house, house.first)}\r\n\r\nok`);
    assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    assert.equal(answer.match(/100 Continue/g)?.length, 1);
  }));

test("events come as they are said, not when they are over", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    const head = `GET /events HTTP/1.1\r\nHost: ${house.first.host}\r\nCookie: ${cookie}\r\n\r\n`;
    assert.match(await raw(house.port, head), /text\/event-stream[\s\S]*data: first[\s\S]*data: again/);
  }));

test("a WebSocket that the session refuses is refused outside, and nothing more passes through its connection", () =>
  withHouse(async (house) => {
    const { host, origin } = house.first;
    const cookie = await enter(house, house.first);
    assert.equal(await openSocket(house.port, { host, origin, path: "/refused", headers: { cookie } }), 403);
    const before = house.inside.seen.length;
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    const head = `GET /refused HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\n${upgrade}\r\n`;
    const answer = await raw(house.port, `${head}GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 403 /);
    assert.deepEqual(
      house.inside.seen.slice(before).map(({ url }) => url),
      ["/refused"],
    );
  }));

test("R48 what people and kernels do is told of once a minute; an open page alone is not", () =>
  withHouse(async (house) => {
    const { host, origin, session } = house.first;
    const cookie = await enter(house, house.first);
    await ask(house.port, { host, path: "/api/kernels", headers: { cookie } });
    assert.deepEqual(house.activity, []);
    for (let n = 0; n < 3; n += 1)
      await ask(house.port, { host, path: "/x", method: "POST", headers: { cookie, origin } });
    assert.deepEqual(house.activity, [session.id]);
    house.later += 61_000;
    const socket = await openSocket(house.port, { host, origin, headers: { cookie } });
    assert.ok(socket instanceof WebSocket);
    socket.ping();
    await new Promise((resolve) => socket.once("pong", resolve));
    assert.equal(house.activity.length, 1);
    socket.send("a message of a person");
    await until(() => house.activity.length === 2);
    socket.close();
  }));

test("an ended session says so, with the reason and the way back; a session that is not there says nothing", () =>
  withHouse(async (house) => {
    const other = await addPlace(house, "eve", house.inside.socket);
    const { host, session } = house.first;
    const cookie = await enter(house, house.first);
    await happen(house, house.first, { type: "stop-requested", reason: "user", by: "ada" });
    const accept = "text/html,application/xhtml+xml";
    const page = await ask(house.port, { host, headers: { cookie, accept } });
    assert.equal(page.status, 409);
    assert.match(page.body, /The session has ended[\s\S]*It was stopped by its owner\./);
    assert.ok(page.body.includes(`href="${house.portalOrigin}/sessions/${session.id}"`));
    assert.match(String(page.headers["content-security-policy"]), /default-src 'none'/);
    const problem = await ask(house.port, { host, headers: { cookie } });
    assert.equal(problem.headers["content-type"], "application/problem+json");
    assert.equal(JSON.parse(problem.body).code, "session-ended");
    const unknown = `abcdefghijklmnopqrstuvwxyz.localhost:${house.port}`;
    const strange = [unknown, other.host, host, `x.localhost:${house.port}`, `a.b.localhost:${house.port}`];
    const answers = await Promise.all(
      strange.map((one) => ask(house.port, { host: one, headers: { accept } })),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([404]));
    assert.equal(new Set(answers.map(({ body }) => body)).size, 1, "one and the same page for all of them");
  }));

test("a session that does not answer, hangs up or answers nonsense gives a page that looks again, never a bare 502", () =>
  withHouse(async (house) => {
    const { host, session } = house.first;
    const cookie = await enter(house, house.first);
    const headers = { cookie, accept: "text/html" };
    for (const path of ["/breaks", "/bad-header"]) {
      const answer = await ask(house.port, { host, path, headers });
      assert.equal(answer.status, 503, path);
      assert.match(answer.body, /The session cannot be reached at the moment[\s\S]*setInterval/);
    }
    house.sockets.delete(session.id);
    await until(async () => (await ask(house.port, { host, headers })).status === 503);
    const upgrade = { host, origin: house.first.origin, headers: { cookie } };
    assert.equal(await openSocket(house.port, upgrade), 503);
  }));

test("while the database is away requests say so, and open connections live on", () =>
  withHouse(async (house) => {
    const { host, origin } = house.first;
    const cookie = await enter(house, house.first);
    const socket = await openSocket(house.port, { host, origin, headers: { cookie } });
    assert.ok(socket instanceof WebSocket);
    await house.database.pool.query("ALTER TABLE sessions RENAME TO sessions_away");
    await until(async () => (await ask(house.port, { host, headers: { cookie } })).status === 503);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.equal(socket.readyState, WebSocket.OPEN);
    await house.database.pool.query("ALTER TABLE sessions_away RENAME TO sessions");
    await until(async () => (await ask(house.port, { host, headers: { cookie } })).status === 200);
    socket.close();
  }));

test("an answer that comes before the upload is over arrives, and the portal lives on", () =>
  withHouse(async (house) => {
    const { host, origin } = house.first;
    const cookie = await enter(house, house.first);
    const body = "x".repeat(8 * 1024 * 1024);
    const head = `PUT /early HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\n`;
    const answer = await raw(house.port, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    assert.match(answer, /^HTTP\/1\.1 413 [\s\S]*too much/);
    const denied = await raw(house.port, `${head.replace(cookie, "a=1")}Content-Length: 9\r\n\r\n`);
    assert.match(
      denied,
      /^HTTP\/1\.1 404 [\s\S]*Connection: close/,
      "what is left of a body is not read as a request",
    );
    assert.equal((await ask(house.port, { host, headers: { cookie } })).status, 200);
  }));

test("one browser may have 500 things open; the next is told so, and others go on", () =>
  withHouse(async (house) => {
    const { host } = house.first;
    const cookie = await enter(house, house.first);
    const text = `GET /hangs HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`;
    const open = Array.from({ length: 500 }, () => connect(house.port, "127.0.0.1"));
    for (const socket of open) socket.on("error", () => {}).write(text);
    await until(
      async () => (await ask(house.port, { host, path: "/blob?=1", headers: { cookie } })).status === 429,
    );
    for (const socket of open) socket.destroy();
    await until(async () => (await ask(house.port, { host, headers: { cookie } })).status === 200);
  }));
