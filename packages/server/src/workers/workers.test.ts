import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../gateway/testing/browser.ts";
import { enter } from "../gateway/testing/entering.ts";
import { withCrew } from "./testing/crew.ts";

test("first", () =>
  withCrew(async ({ house }) => {
    const cookie = await enter(house, house.first);
    const got = await ask(house.port, { host: house.first.host, path: "/a", headers: { cookie } });
    assert.equal(got.status, 200, got.body);
    const portal = await ask(house.port, { host: `localhost:${house.port}`, path: "/nothing" });
    assert.equal(portal.status, 404, portal.body);
    console.log(portal.body, portal.lines);
  }));
