import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";
import { acceptOn } from "./listen.ts";

test("who is to listen on every address takes connections to IPv4 and to IPv6", async () => {
  const taken: string[] = [];
  const doors = await acceptOn(["::"], 0, (connection) => {
    taken.push(connection.remoteAddress ?? "");
    connection.destroy();
  });
  const [{ port }] = doors.map((door) => door.address()) as [AddressInfo];
  for (const host of ["127.0.0.1", "::1"]) await once(connect({ host, port }).resume(), "close");
  for (const door of doors) door.close();
  assert.deepEqual(taken, ["::ffff:127.0.0.1", "::1"]);
});
