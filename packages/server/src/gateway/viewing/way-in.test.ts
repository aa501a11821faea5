import assert from "node:assert/strict";
import { test } from "node:test";
import { letOut } from "../../store/session-testing.ts";
import { ask, openSocket, until } from "../testing/browser.ts";
import { enter, post, ticketTo } from "../testing/entering.ts";
import { type House, happen, share, withHouse } from "../testing/house.ts";

/** Where a viewer comes in: an origin of hers alone. */
async function wayOfViewer(house: House, account: string) {
  const { url, ticket } = await ticketTo(house, house.first, { account, relation: "viewer" });
  const { host, origin } = new URL(url);
  const answer = await post(house, { url, ticket });
  return {
    host,
    origin,
    status: answer.status,
    cookie: answer.headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "",
  };
}

const codeOf = (body: string) => JSON.parse(body).code;

/** What is answered to who comes by that cookie; null: she was cut off while she asked. */
async function codeFor(
  house: House,
  { host, cookie }: { host: string; cookie: string },
): Promise<string | null> {
  const answer = await ask(house.port, { host, headers: { cookie } }).catch(() => null);
  return answer === null || answer.status < 400 ? null : codeOf(answer.body);
}

test("R82 each viewer comes in by an origin of her own, at once and not by anybody else's", () =>
  withHouse(async (house) => {
    for (const account of ["bob", "eve"]) await share(house, house.first, account, "viewer");
    const bob = await wayOfViewer(house, "bob");
    const eve = await wayOfViewer(house, "eve");
    assert.deepEqual([bob.status, eve.status], [303, 303]);
    assert.equal(new Set([bob.host, eve.host, house.first.host]).size, 3);
    assert.equal((await wayOfViewer(house, "bob")).host, bob.host, "the same when she comes again");
    for (const host of [eve.host, house.first.host])
      assert.equal((await ask(house.port, { host, headers: { cookie: bob.cookie } })).status, 404);
    const inside = house.inside.seen.length;
    const own = await ask(house.port, { host: bob.host, path: "/anything", headers: { cookie: bob.cookie } });
    assert.deepEqual([own.status, codeOf(own.body)], [403, "not-allowed"]);
    const { host, origin, cookie } = bob;
    assert.equal(await openSocket(house.port, { host, origin, headers: { cookie } }), 403);
    // A HEAD leaves the answer's body unread: that ends nothing of ours.
    for (const method of ["HEAD", "GET"])
      await ask(house.port, {
        ...{ host, method, path: "/api/kernelspecs?x=hers" },
        headers: { cookie, "x-hers": "1" },
      });
    const words = house.inside.seen.slice(inside).map(({ method, url, lines }) => [method, url, ...lines]);
    const ours = ["host", "session.localhost", "connection", "keep-alive", "accept", "*/*"];
    const asked = ["/", "/api/kernelspecs", "/api/sessions", "/lab/api/workspaces"].map((url) =>
      ["GET", url, ...ours].join(" "),
    );
    for (const one of words)
      assert.ok(asked.includes(one.join(" ")), `the session was told ${one.join(" ")}`);
  }));

test("R83 who becomes a member leaves the viewer's origin and comes in by the session's, and the other way round", () =>
  withHouse(async (house) => {
    await share(house, house.first, "bob", "viewer");
    const viewer = await wayOfViewer(house, "bob");
    await share(house, house.first, "bob", "member");
    await until(async () => {
      return (await codeFor(house, viewer)) === "role-changed";
    });
    const cookie = await enter(house, house.first, { account: "bob" });
    assert.equal((await ask(house.port, { host: house.first.host, headers: { cookie } })).status, 200);
    await share(house, house.first, "bob", "viewer");
    await until(async () => {
      return (await codeFor(house, { host: house.first.host, cookie })) === "role-changed";
    });
    await letOut(house.store, house.first.session.id, "bob");
    await until(async () => {
      return (await codeFor(house, viewer)) === "share-ended";
    });
  }));

test("a viewer's way is open only while the session's own is", () =>
  withHouse(async (house) => {
    await share(house, house.first, "bob", "viewer");
    const { host, cookie } = await wayOfViewer(house, "bob");
    await happen(house, house.first, { type: "stop-requested", reason: "user", by: "ada" });
    const answer = await ask(house.port, { host, headers: { cookie } });
    assert.equal(codeOf(answer.body), "session-ended");
    await assert.rejects(ticketTo(house, house.first, { account: "eve", relation: "viewer" }), {
      code: "session-starting",
    });
  }));
