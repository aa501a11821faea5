import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { ask, openSocket, raw, until } from "./testing/browser.ts";
import { enter, post, ticketTo } from "./testing/entering.ts";
import { addPlace, type House, happen, share, withHouse } from "./testing/house.ts";

const code = (body: string) => JSON.parse(body).code as string;

/** Nothing must have reached the session meanwhile. */
async function unseen(house: House, attack: () => Promise<void>): Promise<void> {
  const before = house.inside.seen.length;
  await attack();
  assert.deepEqual(house.inside.seen.slice(before), []);
}

test("a ticket is good once, for half a minute, at its own origin, from the portal's page alone", () =>
  withHouse(async (house) => {
    const other = await addPlace(house, "eve", house.inside.socket);
    const ticket = await ticketTo(house, house.first);
    const foreign = [
      "https://evil.example",
      "null",
      house.first.origin,
      other.origin,
      `${house.portalOrigin}0`,
    ];
    for (const origin of [...foreign, `http://127.0.0.1:${house.port}`]) {
      const answer = await post(house, ticket, { origin });
      assert.deepEqual([answer.status, code(answer.body)], [403, "wrong-origin"], origin);
      assert.equal(answer.headers["set-cookie"], undefined);
    }
    const elsewhere = await post(house, {
      ...ticket,
      url: ticket.url.replace(house.first.label, other.label),
    });
    assert.equal(code(elsewhere.body), "ticket-invalid");
    assert.equal((await post(house, ticket, { "content-type": "text/plain" })).status, 403);
    const first = await post(house, ticket);
    assert.equal(first.status, 303);
    const [cookie] = first.headers["set-cookie"] ?? [];
    assert.match(
      cookie ?? "",
      /^__Host-endstation-visit=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
    );
    assert.equal(code((await post(house, ticket)).body), "ticket-invalid", "used");
    const late = await ticketTo(house, house.first);
    house.later += 30_001;
    assert.equal(code((await post(house, late)).body), "ticket-invalid", "too late");
    assert.equal(code((await post(house, { ...ticket, ticket: "x".repeat(9_000) })).body), "ticket-invalid");
    const twice = await ticketTo(house, house.first);
    const race = await Promise.all(Array.from({ length: 8 }, () => post(house, twice)));
    assert.equal(race.filter(({ status }) => status === 303).length, 1, "eight at once: one gets in");
  }));

test("of tickets and visits the database keeps nothing by which one could enter", () =>
  withHouse(async (house) => {
    const { ticket } = await ticketTo(house, house.first);
    const [, token = ""] = (await enter(house, house.first)).split("=");
    const { rows } = await house.database.pool.query(
      "SELECT t::text FROM tickets t UNION SELECT v::text FROM visits v",
    );
    assert.equal(rows.length, 2);
    const kept = JSON.stringify(rows);
    for (const secret of [ticket, token]) {
      assert.ok(!kept.includes(secret));
      assert.ok(!kept.includes(Buffer.from(secret).toString("hex")));
    }
  }));

test("strangers and administrators get no ticket; a right lost since makes a ticket worthless", () =>
  withHouse(async (house) => {
    for (const relation of ["admin", "peer", "none"] as const)
      await assert.rejects(ticketTo(house, house.first, { account: "bob", relation }), {
        code: "not-allowed",
      });
    const stranger = await ticketTo(house, house.first, { account: "eve" });
    assert.equal(code((await post(house, stranger)).body), "share-ended");
    await share(house, house.first, "bob", "member");
    const ticket = await ticketTo(house, house.first, { account: "bob" });
    house.mayNotRead.add("bob");
    const answer = await post(house, ticket);
    assert.deepEqual([answer.status, code(answer.body)], [422, "right-lost"]);
    assert.equal(answer.headers["set-cookie"], undefined);
  }));

test("a cookie of another session, a made-up or doubled one, or a stolen label alone open nothing", () =>
  withHouse(async (house) => {
    const other = await addPlace(house, "eve", house.inside.socket);
    const own = await enter(house, house.first);
    const foreign = await enter(house, other);
    const made = `__Host-endstation-visit=${"A".repeat(43)}`;
    const { host, origin } = house.first;
    await unseen(house, async () => {
      for (const cookie of [foreign, made, `${foreign}; ${own}`, own.toLowerCase(), own.slice(0, -1), ""]) {
        const answer = await ask(house.port, { host, headers: { cookie } });
        assert.deepEqual([answer.status, code(answer.body)], [404, "not-found"], cookie);
        assert.equal(await openSocket(house.port, { host, origin, headers: { cookie } }), 404);
      }
    });
    assert.equal((await ask(house.port, { host, headers: { cookie: own } })).status, 200);
  }));

test("requests that another site or a neighbouring session makes are refused, going there is not", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    const { host, origin } = house.first;
    const neighbour = (await addPlace(house, "eve", house.inside.socket)).origin;
    const go = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    const refused: [method: string, headers: Record<string, string>][] = [
      ["POST", {}],
      ["POST", { origin: neighbour }],
      ["POST", { origin: house.portalOrigin }],
      ["POST", { origin: "null", "sec-fetch-site": "same-origin" }],
      ["POST", { origin: origin.toUpperCase() }],
      ["POST", { origin, "sec-fetch-site": "same-site" }],
      ["POST", { "sec-fetch-site": "none" }],
      ["PUT", { "sec-fetch-site": "cross-site", ...go }],
      ["DELETE", { origin: `${origin}.evil.example` }],
      ["GET", { origin: neighbour }],
      ["GET", { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
      ["GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }],
    ];
    await unseen(house, async () => {
      for (const [method, headers] of refused) {
        const answer = await ask(house.port, { host, method, path: "/x", headers: { cookie, ...headers } });
        assert.equal(answer.status, 403, JSON.stringify([method, headers]));
        assert.equal(code(answer.body), "wrong-origin");
      }
    });
    const passed: [method: string, headers: Record<string, string>][] = [
      ["POST", { origin }],
      ["POST", { origin, "sec-fetch-site": "same-origin" }],
      ["DELETE", { "sec-fetch-site": "same-origin" }],
      ["GET", {}],
      ["GET", { "sec-fetch-site": "cross-site", ...go }],
      ["GET", { "sec-fetch-site": "none", ...go }],
    ];
    for (const [method, headers] of passed) {
      const answer = await ask(house.port, { host, method, path: "/x", headers: { cookie, ...headers } });
      assert.equal(answer.status, 200, JSON.stringify([method, headers]));
    }
  }));

test("a WebSocket without Origin, from elsewhere, or to an ended session is refused", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    const { host, origin } = house.first;
    const headers = { cookie };
    await unseen(house, async () => {
      assert.equal(await openSocket(house.port, { host, headers }), 403);
      for (const foreign of ["https://evil.example", house.portalOrigin, "null", `${origin}:80`])
        assert.equal(await openSocket(house.port, { host, headers, origin: foreign }), 403, foreign);
      assert.equal(await openSocket(house.port, { host, origin }), 404, "no cookie");
      const h2c = `GET / HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`;
      assert.match(await raw(house.port, h2c), /^HTTP\/1\.1 400 /);
    });
    const socket = await openSocket(house.port, { host, origin, headers });
    assert.ok(socket instanceof WebSocket);
    await happen(house, house.first, { type: "stop-requested", reason: "user", by: "ada" });
    await until(() => socket.readyState === WebSocket.CLOSED);
    await unseen(house, async () =>
      assert.equal(await openSocket(house.port, { host, origin, headers }), 409),
    );
  }));

test("a Host that is not exactly a session's reaches no session", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    const { label, host } = house.first;
    const { port } = house;
    const odd = [`${label}.localhost`, `${label}.localhost:1`, `${label}.localhost.:${port}`, `x.${host}`];
    const rebound = [
      `${label}.evil.example:${port}`,
      `evil.example:${port}`,
      `127.0.0.1:${port}`,
      `localhost:${port}`,
    ];
    await unseen(house, async () => {
      for (const one of [...odd, ...rebound]) {
        const answer = await ask(port, { host: one, headers: { cookie } });
        assert.equal(answer.status, 404, one);
      }
      const two = `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`;
      assert.match(await raw(port, two), /^HTTP\/1\.1 40[04] /);
      const absolute = `GET http://${host}/x HTTP/1.1\r\nHost: localhost:${port}\r\nCookie: ${cookie}\r\n\r\n`;
      assert.match(await raw(port, absolute), /^HTTP\/1\.1 40[04] /);
      const absoluteHere = `GET http://localhost:${port}/x HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`;
      assert.match(await raw(port, absoluteHere), /^HTTP\/1\.1 400 /);
    });
  }));

test("requests whose end is not clear, and paths that could mean two things, are refused", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    const { host, origin } = house.first;
    const head = `Host: ${host}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\n`;
    const tail = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    const bodies = [
      `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${tail}`,
      `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${tail}`,
      `Content-Length: 4\r\nContent-Length: 5\r\n\r\n${tail}`,
      `Content-Length: 4, 4\r\n\r\n${tail}`,
      `Content-Length: +4\r\n\r\n${tail}`,
      `Transfer-Encoding: xchunked\r\n\r\n${tail}`,
      `Transfer-Encoding: chunked, identity\r\n\r\n${tail}`,
      `Transfer-Encoding: gzip, chunked\r\n\r\n${tail}`,
      `Transfer-Encoding : chunked\r\n\r\n${tail}`,
      `Transfer-Encoding:\x0bchunked\r\n\r\n${tail}`,
      `Content-Length: 4\r\nConnection: Content-Length\r\n\r\nabcd`,
      `Content-Length: 4\r\nConnection: close, Cookie\r\n\r\nabcd`,
      `Content-Length : 4\r\n\r\nabcd`,
      `X: a\n Content-Length: 4\r\n\r\nabcd`,
    ];
    await unseen(house, async () => {
      for (const body of bodies)
        assert.match(await raw(house.port, `POST /x HTTP/1.1\r\n${head}${body}`), /^HTTP\/1\.1 400 /, body);
      const paths = [
        "/../x",
        "/a/..",
        "/a/%2e%2e/b",
        "/a/.%2E",
        "/a%2f..%2fb",
        "/./x",
        "/a\\b",
        "/a%5cb",
        "//evil.example/",
        "/a%00",
        "/%0d%0aX:1",
        "/a%zz",
        "*",
        "/a#b",
        "/é",
      ];
      for (const path of paths)
        assert.match(await raw(house.port, `GET ${path} HTTP/1.1\r\n${head}\r\n`), /^HTTP\/1\.1 400 /, path);
      for (const method of ["TRACE", "PROPFIND", "M-SEARCH"])
        assert.match(
          await raw(house.port, `${method} / HTTP/1.1\r\n${head}\r\n`),
          /^HTTP\/1\.1 400 /,
          method,
        );
      assert.doesNotMatch(await raw(house.port, `CONNECT ${host} HTTP/1.1\r\n${head}\r\n`), /200/);
    });
    const passed = ["/a%20b?c=../d&e=%2e%2e", "/lab/tree/x%2Fy.ipynb", "/a..b/...", "/%C3%A9"];
    for (const path of passed)
      assert.match(await raw(house.port, `GET ${path} HTTP/1.1\r\n${head}\r\n`), /^HTTP\/1\.1 200 /, path);
    assert.deepEqual(
      house.inside.seen.slice(-passed.length).map(({ url }) => url),
      passed,
      "as they came, to the letter",
    );
  }));

test("the portal's reserved paths on a session's origin never reach the session", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    const { host, origin } = house.first;
    await unseen(house, async () => {
      for (const path of ["/.endstation/enter", "/.endstation/enter?x", "/.endstation/x", "/.endstation/"]) {
        assert.ok((await ask(house.port, { host, path, headers: { cookie } })).status >= 400, path);
        assert.ok(
          ((await openSocket(house.port, { host, path, origin, headers: { cookie } })) as number) >= 400,
        );
      }
    });
  }));
