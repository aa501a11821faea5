import type { LogEntry } from "../../src/ports/session-store.ts";
import type { Effect, LifeLimits, SessionEvent } from "../../src/session/event.ts";
import type { decide, Outcome } from "../../src/session/lifecycle.ts";
import type { Phase, Session } from "../../src/session/session.ts";

/** The function under test: `decide`, or one with a planted bug. */
export type Decide = typeof decide;

/** The names of the laws that must hold in every situation and on every step. */
export type Law =
  | "a route is open exactly while running"
  | "a route is never opened or closed twice"
  | "each running interval is counted exactly once"
  | "no compute is left under an ended session"
  | "stop and the truth lead to an end"
  | "an ended session never moves again"
  | "an outage changes nothing"
  | "nobody is stopped unwarned"
  | "a doubled message changes nothing more"
  | "a late attempt changes nothing"
  | "it is begun anew only while retries are left"
  | "failing again and again comes to an end";

export interface Violation {
  readonly law: Law;
  readonly path: readonly string[];
}

/** Told of every step: the phase before, the event, the phase after. */
export type OnStep = (from: Phase, event: SessionEvent["type"], to: Phase) => void;

export interface WalkResult {
  readonly situations: number;
  readonly steps: number;
  readonly phases: ReadonlySet<string>;
  readonly violation: Violation | null;
}

export const walkLimits: LifeLimits = {
  startWithin: 1_000,
  warnBefore: 1_000,
  idleAfter: 50_000,
  terminateAgainAfter: 100,
};

/** What is really so outside, which the session can only learn by events. */
export interface World {
  /** Launches asked and not yet answered. */
  readonly asked: boolean;
  readonly alive: boolean;
  readonly everAlive: boolean;
  readonly terminateAsked: boolean;
}

export interface Situation {
  readonly session: Session;
  readonly world: World;
  readonly now: number;
  readonly routeOpen: boolean;
  /** How often a launch was asked for. */
  readonly launches: number;
  readonly log: readonly LogEntry[];
  /** Running intervals as an independent witness counts them. */
  readonly witnessed: readonly (readonly [number, number | null])[];
  readonly path: readonly string[];
}

/** What may happen next: to the world, to the session, or to both. */
export interface Step {
  readonly name: string;
  readonly world: World;
  readonly event: SessionEvent | null;
  /** How far the clock goes on. */
  readonly after: number;
}

export interface Taken {
  readonly next: Situation;
  readonly effects: readonly Effect[];
}

export function take(under: Decide, from: Situation, step: Step): Taken {
  const now = from.now + step.after;
  const outcome: Outcome =
    step.event === null
      ? { session: from.session, effects: [] }
      : under(from.session, step.event, now, walkLimits);
  return {
    next: advance({ ...from, world: step.world, now, path: [...from.path, step.name] }, outcome, step.event),
    effects: outcome.effects,
  };
}

function advance(from: Situation, outcome: Outcome, event: SessionEvent | null): Situation {
  const changed = outcome.session !== from.session;
  const session = changed ? { ...outcome.session, version: from.session.version + 1 } : outcome.session;
  const entry =
    event === null || !changed
      ? []
      : [{ sessionId: session.id, sequence: session.version, at: from.now, event, phase: session.phase }];
  return {
    ...from,
    session,
    log: [...from.log, ...entry],
    routeOpen: outcome.effects.reduce(
      (open, effect) => (effect.type === "open-route" ? true : effect.type === "close-route" ? false : open),
      from.routeOpen,
    ),
    launches: from.launches + outcome.effects.filter((effect) => effect.type === "launch").length,
    witnessed: witness(from.witnessed, from.session.phase, session.phase, from.now),
    world: {
      ...from.world,
      asked: from.world.asked || outcome.effects.some((effect) => effect.type === "launch"),
      terminateAsked:
        from.world.terminateAsked || outcome.effects.some((effect) => effect.type === "terminate"),
    },
  };
}

function witness(
  intervals: Situation["witnessed"],
  before: string,
  after: string,
  now: number,
): Situation["witnessed"] {
  if (before !== "running" && after === "running") return [...intervals, [now, null]];
  if (before === "running" && after !== "running")
    return intervals.map(([from, to]) => [from, to ?? now] as const);
  return intervals;
}
