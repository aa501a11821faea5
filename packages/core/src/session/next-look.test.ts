import assert from "node:assert/strict";
import { test } from "node:test";
import type { LifeLimits, SessionEvent } from "./event.ts";
import { decide } from "./lifecycle.ts";
import { isDue, nextLook } from "./next-look.ts";
import { newSession, type Session, type SessionRequest } from "./session.ts";

const request: SessionRequest = {
  id: "s-00000000000000000001",
  owner: "pi",
  kind: "jupyter",
  environment: "nexus",
  flavour: "small",
  provider: "fake",
  placement: "asked for",
  proposal: null,
  datasets: [],
  notebook: null,
  parameters: {},
  endpoints: ["jupyter"],
  batch: null,
  createdAt: 0,
};

const allLimits: readonly LifeLimits[] = [
  { startWithin: 7, warnBefore: 5, idleAfter: 20, terminateAgainAfter: 1 },
  { startWithin: 30, warnBefore: 3, idleAfter: null, terminateAgainAfter: 1 },
  { startWithin: 11, warnBefore: 40, idleAfter: 13, terminateAgainAfter: 1 },
];

const lives: readonly (readonly SessionEvent[])[] = [
  [],
  [{ type: "launch-accepted", attempt: 1, handle: "h" }],
  [
    { type: "launch-accepted", attempt: 1, handle: "h" },
    { type: "endpoint-ready", attempt: 1, endpoint: "jupyter" },
  ],
  [
    { type: "launch-accepted", attempt: 1, handle: "h" },
    { type: "endpoint-ready", attempt: 1, endpoint: "jupyter" },
    { type: "extended", until: 90 },
    { type: "observed", attempt: 1, asOf: 9, observation: { state: "suspended" } },
  ],
];

test("R26 R48 who only looks when told to look misses no deadline and is late for none", () => {
  for (const limits of allLimits)
    for (const life of lives) {
      let session: Session = { ...newSession(request, "n", 60), lastActivityAt: 4 };
      for (const event of life) session = decide(session, event, 5, limits).session;
      for (const acted of stepThrough(session, limits)) assert.ok(acted.looked, JSON.stringify(acted));
    }
});

/** Lives through every moment; each at which a tick did something, and whether it was a moment to look at. */
function* stepThrough(from: Session, limits: LifeLimits) {
  let session = from;
  let look = nextLook(session, 5, limits);
  for (let now = 5; now < 200; now += 1) {
    const looked = look === now;
    if (isDue(session, now, limits)) {
      yield { now, phase: session.phase, looked };
      session = decide(session, { type: "tick" }, now, limits).session;
      look = nextLook(session, now, limits);
    } else if (looked) look = nextLook(session, now, limits);
  }
}
