import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { EndstationError } from "@endstation/core";
import type { Database } from "./database.ts";
import { listenTo } from "./notifications.ts";
import { createSessionStore } from "./session-store.ts";
import { livedSession, testCreation, testSession, toRunning } from "./session-testing.ts";
import { withDatabase } from "./testing.ts";

test("PostgreSQL killed under it: coded refusals, nothing acknowledged is lost, and it recovers by itself", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    const acknowledged = [await livedSession(store, toRunning)];
    const heard: string[] = [];
    const stop = await listenTo(database, "endstation_routes", (payload) => heard.push(payload));
    process.kill(await postmasterOf(database), "SIGKILL");
    let refusals = 0;
    while (refusals < 3) {
      const { session, ...rest } = testCreation(testSession());
      await store.create({ session, ...rest }).then(
        () => acknowledged.push(session),
        (error: unknown) => {
          assert.ok(error instanceof EndstationError && error.code === "database-unavailable", String(error));
          refusals += 1;
        },
      );
    }
    await until(() =>
      store.get("s-any").then(
        () => true,
        () => false,
      ),
    );
    for (const { id } of acknowledged) assert.equal((await store.get(id))?.id, id);
    await until(async () => heard.includes(""));
    database.announce("endstation_routes", "again");
    await until(async () => heard.includes("again"));
    await stop();
    database.announce("endstation_routes", "not heard");
    await store.get("s-any");
    assert.ok(!heard.includes("not heard"));
  });
});

test("a connection that breaks between two queries fails the next one, and nothing else", async () => {
  await withDatabase(async ({ pool }) => {
    const client = await pool.connect();
    const broken = new Promise<void>((resolve) => client.once("end", resolve));
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await pool.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
    await broken;
    await assert.rejects(client.query("SELECT 1"));
    client.release(true);
    assert.equal((await pool.query("SELECT 1 AS one")).rows[0].one, 1);
  });
});

test("a listener added and removed among others hears its own channel only", async () => {
  await withDatabase(async (database) => {
    const heard: string[] = [];
    const stops = await Promise.all(
      ["one", "two"].map((channel) =>
        listenTo(database, channel, (payload) => heard.push(`${channel} ${payload}`)),
      ),
    );
    for (const channel of ["one", "two", "three"]) database.announce(channel, "x");
    await until(async () => heard.length === 2);
    assert.deepEqual(heard.toSorted(), ["one x", "two x"]);
    await stops[0]?.();
    database.announce("one", "y");
    database.announce("two", "y");
    await until(async () => heard.length === 3);
    assert.equal(heard[2], "two y");
    await stops[1]?.();
  });
});

/** Every backend is the postmaster's child. */
async function postmasterOf({ pool }: Database): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const stat = readFileSync(`/proc/${rows[0]?.pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  while (!(await isSo())) {
    assert.ok(Date.now() < giveUpAt, `it did not come: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
