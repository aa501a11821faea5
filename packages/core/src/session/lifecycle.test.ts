import assert from "node:assert/strict";
import { test } from "node:test";
import { type Decide, type Law, walkLimits } from "../../testing/walk/situation.ts";
import { walk } from "../../testing/walk/walk.ts";
import { runningIntervals } from "../accounting/usage.ts";
import type { Cause } from "../errors.ts";
import type { SessionEvent } from "./event.ts";
import { decide, type Outcome } from "./lifecycle.ts";
import { newSession, phases, type Session, type SessionRequest } from "./session.ts";

for (const kind of ["jupyter", "batch"] as const) {
  test(`R22 R111 the walk over every order of events of a ${kind} session breaks no law`, (t) => {
    const result = walk(decide, kind);
    t.diagnostic(`${result.situations} situations, ${result.steps} steps`);
    console.log(`walk of a ${kind} session: ${result.situations} situations, ${result.steps} steps`);
    assert.equal(result.violation, null, `${result.violation?.law}: ${result.violation?.path.join(" → ")}`);
    assert.deepEqual([...result.phases].sort(), [...phases].sort(), "every phase is reached");
  });
}

/** A `decide` with one mistake: `spoil` changes what it answers. */
function planted(spoil: (before: Session, event: SessionEvent, outcome: Outcome) => Outcome): Decide {
  return (session, event, now, limits) => spoil(session, event, decide(session, event, now, limits));
}

function without(outcome: Outcome, type: string): Outcome {
  return { ...outcome, effects: outcome.effects.filter((effect) => effect.type !== type) };
}

const bugs: readonly {
  readonly law: Law;
  readonly bug: string;
  readonly under: Decide;
  readonly fold?: typeof runningIntervals;
}[] = [
  {
    law: "a route is open exactly while running",
    bug: "a session that ends keeps its route",
    under: planted((_, event, outcome) =>
      event.type === "observed" ? without(outcome, "close-route") : outcome,
    ),
  },
  {
    law: "a route is never opened or closed twice",
    bug: "a running session that is seen running opens its route again",
    under: planted((before, event, outcome) =>
      event.type === "observed" && event.observation.state === "running" && before.phase === "running"
        ? { ...outcome, effects: [{ type: "open-route" }] }
        : outcome,
    ),
  },
  {
    law: "each running interval is counted exactly once",
    bug: "the fold forgets that a session was suspended in between",
    under: decide,
    fold: (log, now) =>
      runningIntervals(
        log.filter((entry) => entry.phase !== "suspended"),
        now,
      ),
  },
  {
    law: "no compute is left under an ended session",
    bug: "a launch that is accepted after the stop is not terminated, and the session ends",
    under: planted((before, event, outcome) =>
      event.type === "launch-accepted" && before.phase === "stopping"
        ? { session: { ...outcome.session, phase: "stopped", endedAt: 1 }, effects: [] }
        : event.type === "observed" && before.phase === "stopped"
          ? { session: before, effects: [] }
          : outcome,
    ),
  },
  {
    law: "stop and the truth lead to an end",
    bug: "a stopping session that is gone stays stopping",
    under: planted((before, event, outcome) =>
      before.phase === "stopping" && event.type === "observed" ? { session: before, effects: [] } : outcome,
    ),
  },
  {
    law: "an ended session never moves again",
    bug: "a stop of a stopped session makes it failed",
    under: planted((before, event, outcome) =>
      event.type === "stop-requested" && before.phase === "stopped"
        ? { ...outcome, session: { ...before, phase: "failed" } }
        : outcome,
    ),
  },
  {
    law: "an outage changes nothing",
    bug: "a lost contact ends the session",
    under: planted((before, event, outcome) =>
      event.type === "contact-lost" && before.phase === "starting"
        ? { ...outcome, session: { ...before, phase: "failed", endedAt: 1 } }
        : outcome,
    ),
  },
  {
    law: "nobody is stopped unwarned",
    bug: "the warning is forgotten",
    under: (session, event, now, limits) =>
      decide(
        event.type === "tick"
          ? { ...session, warnedAt: session.warnedAt ?? now - limits.warnBefore }
          : session,
        event,
        now,
        limits,
      ),
  },
  {
    law: "it is begun anew only while retries are left",
    bug: "what she stopped is begun anew",
    under: planted((before, event, outcome) =>
      before.phase === "stopping" && event.type === "observed" && event.observation.state === "gone"
        ? { ...outcome, effects: [{ type: "launch", attempt: before.attempt }] }
        : outcome,
    ),
  },
  {
    law: "failing again and again comes to an end",
    bug: "how often it was begun anew is forgotten",
    under: planted((before, _, outcome) => ({
      ...outcome,
      session:
        outcome.session.retried > before.retried ? { ...outcome.session, retried: 0 } : outcome.session,
    })),
  },
  {
    law: "a doubled message changes nothing more",
    bug: "an endpoint that is ready twice tells the owner twice",
    under: planted((_, event, outcome) =>
      event.type === "endpoint-ready"
        ? { ...outcome, effects: [...outcome.effects, { type: "notify", message: "ready" }] }
        : outcome,
    ),
  },
  {
    law: "a late attempt changes nothing",
    bug: "news of an earlier attempt count",
    under: (session, event, now, limits) =>
      decide(
        session,
        event.type === "observed" ? { ...event, attempt: session.attempt } : event,
        now,
        limits,
      ),
  },
];

test("R31 a batch session that failed is begun anew while retries are left, unless it would fail again", () => {
  const cases: readonly (readonly [SessionEvent, string])[] = [
    [gone(3, null), "pending"],
    [gone(null, { code: "killed", detail: "" }), "pending"],
    [gone(null, { code: "preempted", detail: "" }), "pending"],
    [{ type: "observed", attempt: 1, asOf: 9, observation: { state: "nothing" } }, "pending"],
    [gone(null, { code: "out-of-memory", detail: "" }), "failed"],
    [gone(null, { code: "time-limit", detail: "" }), "failed"],
    [gone(0, null), "stopped"],
  ];
  for (const [event, phase] of cases) {
    const { session, effects } = decide(runningBatch(1), event, 10, walkLimits);
    assert.equal(session.phase, phase, JSON.stringify(event));
    assert.equal(
      effects.some((effect) => effect.type === "launch" && effect.attempt === 2),
      phase === "pending",
    );
  }
  const spent = decide({ ...runningBatch(1), retried: 1 }, gone(3, null), 10, walkLimits).session;
  assert.deepEqual([spent.phase, spent.reason, spent.exitCode], ["failed", "exit-code", 3]);
});

test("R31 waiting for its next attempt is not held against its lifetime", () => {
  const events: readonly (readonly [number, SessionEvent])[] = [
    [100, { type: "observed", attempt: 2, asOf: 0, observation: { state: "running" } }],
  ];
  let session = decide(runningBatch(1), gone(1, null), 10, walkLimits).session;
  for (const [now, event] of events) session = decide(session, event, now, walkLimits).session;
  assert.equal(session.expiresAt, 1_000 + 90);
});

function runningBatch(retries: number): Session {
  const batch = { hasScript: true, arguments: [], retries, array: null };
  const request: SessionRequest = {
    id: "s-00000000000000000001",
    owner: "pi",
    kind: "batch",
    environment: "e",
    flavour: "f",
    provider: "p",
    placement: "asked for",
    proposal: null,
    datasets: [],
    notebook: null,
    parameters: {},
    endpoints: [],
    batch,
    createdAt: 0,
  };
  return { ...newSession(request, "n", 1_000), phase: "running", startedAt: 0, launchedAt: 0, handle: "h" };
}

function gone(exitCode: number | null, cause: Cause | null): SessionEvent {
  return { type: "observed", attempt: 1, asOf: 9, observation: { state: "gone", exitCode, cause } };
}

for (const { law, bug, under, fold } of bugs) {
  test(`R22 the walk catches a planted bug: ${bug}`, () => {
    const found = [walk(under, "jupyter", fold), walk(under, "batch", fold)].map(
      (result) => result.violation?.law,
    );
    assert.ok(
      found.includes(law),
      `expected "${law}", found ${found.map((one) => one ?? "no violation").join(" and ")}`,
    );
  });
}
