import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { ask, openSocket } from "./testing/browser.ts";
import { withHouse } from "./testing/house.ts";

test("R20 R23 a ticket lets a browser in, requests and WebSockets reach the session", () =>
  withHouse(async (house) => {
    const cookie = await house.enter();
    const answer = await ask(house.port, { host: house.host, path: "/api/status?x=1", headers: { cookie } });
    assert.equal(answer.status, 200);
    assert.equal(answer.body, '{"url":"/api/status?x=1"}');
    const socket = await openSocket(house.port, {
      host: house.host,
      origin: house.origin,
      headers: { cookie },
    });
    assert.ok(socket instanceof WebSocket, `refused with ${socket}`);
    const echoed = new Promise<string>((resolve) =>
      socket.once("message", (data) => resolve(data.toString())),
    );
    socket.send("1+1");
    assert.equal(await echoed, "1+1");
    socket.close();
  }));
