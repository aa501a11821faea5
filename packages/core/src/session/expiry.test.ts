import assert from "node:assert/strict";
import { test } from "node:test";
import { expire } from "./expiry.ts";
import { newSession, type Session } from "./session.ts";

const limits = { startWithin: 1, warnBefore: 100, idleAfter: 1_000, terminateAgainAfter: 1 };
const request = {
  id: "s-00000000000000000001",
  owner: "pi",
  kind: "jupyter",
  environment: "e",
  flavour: "f",
  provider: "p",
  placement: "asked for",
  proposal: null,
  datasets: [],
  notebook: null,
  parameters: {},
  endpoints: ["jupyter"],
  batch: null,
  createdAt: 0,
} as const;

function running(more: Partial<Session>): Session {
  return { ...newSession(request, "n", 10_000), phase: "running", ...more };
}

test("R26 R48 a running session is warned before it ends, by idleness or by its lifetime", () => {
  const cases: readonly (readonly [Partial<Session>, number, object])[] = [
    [{ lastActivityAt: 0 }, 899, { due: "nothing" }],
    [{ lastActivityAt: 0 }, 900, { due: "warn" }],
    [{ lastActivityAt: 0, warnedAt: 900 }, 999, { due: "nothing" }],
    [{ lastActivityAt: 0, warnedAt: 900 }, 1_000, { due: "stop", reason: "idle" }],
    [{ lastActivityAt: 9_500 }, 9_900, { due: "warn" }],
    [{ lastActivityAt: 9_500, warnedAt: 9_900 }, 10_000, { due: "stop", reason: "expired" }],
  ];
  for (const [more, now, expected] of cases) assert.deepEqual(expire(running(more), now, limits), expected);
});

test("R26 nobody is stopped unwarned: a late warning postpones the end", () => {
  assert.deepEqual(expire(running({ lastActivityAt: 9_999, warnedAt: 10_050 }), 10_100, limits), {
    due: "nothing",
  });
  assert.deepEqual(expire(running({ lastActivityAt: 9_999, warnedAt: 10_050 }), 10_150, limits), {
    due: "stop",
    reason: "expired",
  });
});

test("R25 R48 activity after a warning makes it count no more", () => {
  assert.deepEqual(expire(running({ lastActivityAt: 950, warnedAt: 900 }), 1_000, limits), {
    due: "nothing",
  });
  assert.deepEqual(expire(running({ lastActivityAt: 950, warnedAt: 900 }), 1_850, limits), { due: "warn" });
});

test("R48 what waits in a queue does not expire, and batch is never idle", () => {
  assert.deepEqual(expire({ ...running({}), phase: "pending" }, 1e9, limits), { due: "nothing" });
  assert.deepEqual(expire(running({ kind: "batch", endpoints: [], lastActivityAt: 0 }), 5_000, limits), {
    due: "nothing",
  });
});
