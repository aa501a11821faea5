import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { WebSocket } from "ws";
import { letOut } from "../store/session-testing.ts";
import { ask, openSocket, until } from "./testing/browser.ts";
import { enter, post, ticketTo } from "./testing/entering.ts";
import { type House, happen, share, withHouse } from "./testing/house.ts";

/** A WebSocket, a streaming answer and an upload under way, all of one browser. */
async function openAll(house: House, cookie: string): Promise<() => boolean> {
  const { host, origin } = house.first;
  const socket = await openSocket(house.port, { host, origin, headers: { cookie } });
  assert.ok(socket instanceof WebSocket, `refused with ${socket}`);
  const head = `Host: ${host}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\n`;
  const stream = await rawOpen(house.port, `GET /events HTTP/1.1\r\n${head}\r\n`);
  await until(() => stream.heard().includes("data: first"));
  const upload = await rawOpen(house.port, `PUT /sink HTTP/1.1\r\n${head}Content-Length: 1000000\r\n\r\nabc`);
  await until(() => house.inside.seen.some(({ url }) => url === "/sink"));
  return () => socket.readyState === WebSocket.CLOSED && stream.isClosed() && upload.isClosed();
}

async function rawOpen(port: number, text: string) {
  let heard = "";
  const socket = connect(port, "127.0.0.1", () => socket.write(text));
  socket.on("data", (chunk) => {
    heard += chunk.toString();
  });
  socket.on("error", () => {});
  return { heard: () => heard, isClosed: () => socket.closed };
}

/** How long after `lose` everything was cut. The bound is generous for a busy machine; the figure is printed. */
async function cutAfter(house: House, cookie: string, lose: () => Promise<unknown>): Promise<void> {
  const allClosed = await openAll(house, cookie);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal(allClosed(), false, "still open while the right is there");
  await lose();
  const began = performance.now();
  await until(allClosed);
  console.log(`figure: cut ${Math.round(performance.now() - began)} ms after the right was lost`);
}

test("R83 unsharing cuts what the member has open, and the owner's stays", () =>
  withHouse(async (house) => {
    await share(house, house.first, "bob", "member");
    const bob = await enter(house, house.first, { account: "bob" });
    const ownerOpen = await openAll(house, await enter(house, house.first));
    await cutAfter(house, bob, () => letOut(house.store, house.first.session.id, "bob"));
    const answer = await ask(house.port, { host: house.first.host, headers: { cookie: bob } });
    assert.deepEqual([answer.status, JSON.parse(answer.body).code], [403, "share-ended"]);
    const headers = { cookie: bob, accept: "text/html" };
    const page = await ask(house.port, { host: house.first.host, headers });
    assert.match(page.body, /let into this session no longer/);
    assert.ok(
      page.body.includes(`href="${house.portalOrigin}/sessions"`),
      "the session's page is not hers any more",
    );
    assert.equal(ownerOpen(), false);
  }));

test("R82 taking the keyboard back cuts what the member has open, and her page says that she may look now", () =>
  withHouse(async (house) => {
    await share(house, house.first, "bob", "member");
    const cookie = await enter(house, house.first, { account: "bob" });
    await cutAfter(house, cookie, () => share(house, house.first, "bob", "viewer"));
    const headers = { cookie, accept: "text/html" };
    const page = await ask(house.port, { host: house.first.host, headers });
    assert.equal(page.status, 403);
    assert.match(page.body, /Your role in this session has changed[\s\S]*you may look, and change nothing/);
  }));

test("losing the right to read the data cuts, though nobody tells the gateway", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    await cutAfter(house, cookie, async () => house.mayNotRead.add("ada"));
    const answer = await ask(house.port, { host: house.first.host, headers: { cookie } });
    assert.equal(JSON.parse(answer.body).code, "right-lost");
  }));

test("the session's end cuts", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    await cutAfter(house, cookie, () =>
      happen(house, house.first, { type: "stop-requested", reason: "user", by: "ada" }),
    );
  }));

test("log-out cuts what was entered by that log-in, and nothing of another one", () =>
  withHouse(async (house) => {
    const one = await house.identity.openLogin("ada", Date.now());
    const other = await house.identity.openLogin("ada", Date.now());
    const cookie = await enter(house, house.first, { login: one.id });
    const otherOpen = await openAll(house, await enter(house, house.first, { login: other.id }));
    await cutAfter(house, cookie, () => house.identity.closeLogin(one.secret));
    assert.equal((await ask(house.port, { host: house.first.host, headers: { cookie } })).status, 404);
    assert.equal(otherOpen(), false);
  }));

test("entering again in the same browser keeps its cookie and what it has open", () =>
  withHouse(async (house) => {
    const cookie = await enter(house, house.first);
    const allClosed = await openAll(house, cookie);
    const again = await post(house, await ticketTo(house, house.first), { cookie });
    assert.deepEqual([again.status, again.headers["set-cookie"]], [303, undefined]);
    assert.equal(allClosed(), false);
  }));
