import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { createPresenceStore } from "../store/presences.ts";
import { letOut } from "../store/session-testing.ts";
import { ask, openSocket, until } from "./testing/browser.ts";
import { enter } from "./testing/entering.ts";
import { type House, happen, share, withHouse } from "./testing/house.ts";

/** Who is inside, as everybody is told: `account role`. */
async function here({ database, first }: House): Promise<string> {
  const present = await createPresenceStore(database).present(first.session.id);
  return present.map(({ account, role }) => `${account} ${role}`).join(", ");
}

const opened = async (house: House, cookie: string) => {
  const { host, origin } = house.first;
  const socket = await openSocket(house.port, { host, origin, headers: { cookie } });
  assert.ok(socket instanceof WebSocket, `refused with ${socket}`);
  return socket;
};

test("R81 who has a session open is here by name and role; who left it, or was let out, is not", () =>
  withHouse(async (house) => {
    assert.equal(await here(house), "");
    await opened(house, await enter(house, house.first));
    await until(async () => (await here(house)) === "ada owner");
    await share(house, house.first, "bob", "member");
    const cookie = await enter(house, house.first, { account: "bob" });
    const socket = await opened(house, cookie);
    await until(async () => (await here(house)) === "ada owner, bob member");
    await letOut(house.store, house.first.session.id, "bob");
    await until(() => socket.readyState === WebSocket.CLOSED);
    // Her page goes on asking in vain: that is not being inside.
    await until(async () => {
      await ask(house.port, { host: house.first.host, headers: { cookie } });
      const found = await house.database.pool.query("SELECT FROM presences WHERE account = 'bob'");
      return found.rowCount === 0;
    });
    assert.equal(await here(house), "ada owner");
    await happen(house, house.first, { type: "stop-requested", reason: "user", by: "ada" });
    await until(async () => (await here(house)) === "");
  }));

test("R119 who enters is recorded, each time", () =>
  withHouse(async (house) => {
    await share(house, house.first, "bob", "member");
    await enter(house, house.first, { account: "bob" });
    await enter(house, house.first, { account: "bob" });
    const { rows } = await house.database.pool.query(
      "SELECT account, role, way FROM audit WHERE action = 'entered'",
    );
    assert.deepEqual(rows, Array(2).fill({ account: "bob", role: "member", way: "log-in" }));
  }));
