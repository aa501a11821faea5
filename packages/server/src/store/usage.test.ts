import assert from "node:assert/strict";
import { test } from "node:test";
import { createSessionStore } from "./session-store.ts";
import { livedSession, toRunning, toStopped } from "./session-testing.ts";
import { withDatabase } from "./testing.ts";
import { usageOf } from "./usage.ts";

test("R107 R142 usage is folded from the log: each running interval once, clipped to the period, of one person", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    // Runs from 200 ms after its creation until 300 ms after.
    await livedSession(store, [...toRunning, ...toStopped], { createdAt: 10_000 });
    await livedSession(store, toRunning, { createdAt: 20_000 });
    await livedSession(store, [...toRunning, ...toStopped], { createdAt: 10_000, owner: "other" });
    const usage = (from: number, to: number) => usageOf(database, "pi", from, to);
    assert.deepEqual(await usage(0, 10_000), {
      sessionsStarted: 0,
      runningSeconds: 0,
      live: 0,
      liveBatch: 0,
    });
    assert.deepEqual(await usage(0, 15_000), {
      sessionsStarted: 1,
      runningSeconds: 0.1,
      live: 0,
      liveBatch: 0,
    });
    assert.deepEqual(await usage(10_250, 15_000), {
      sessionsStarted: 0,
      runningSeconds: 0.05,
      live: 0,
      liveBatch: 0,
    });
    assert.deepEqual(await usage(10_250, 10_270), {
      sessionsStarted: 0,
      runningSeconds: 0.02,
      live: 1,
      liveBatch: 0,
    });
    assert.deepEqual(await usage(15_000, 30_200), {
      sessionsStarted: 1,
      runningSeconds: 10,
      live: 1,
      liveBatch: 0,
    });
    assert.deepEqual(await usage(40_000, 41_000), {
      sessionsStarted: 0,
      runningSeconds: 1,
      live: 1,
      liveBatch: 0,
    });
    assert.deepEqual(await usageOf(database, "nobody", 0, 1e12), {
      sessionsStarted: 0,
      runningSeconds: 0,
      live: 0,
      liveBatch: 0,
    });
    const batch = { hasScript: true, arguments: [], retries: 0, array: null };
    await livedSession(store, [], { kind: "batch", endpoints: [], batch, createdAt: 50_000 });
    const { live, liveBatch } = await usage(40_000, 60_000);
    assert.deepEqual({ live, liveBatch }, { live: 1, liveBatch: 1 });
  });
});
