import { runningIntervals } from "../src/accounting/usage.ts";
import type { LogEntry } from "../src/ports/session-store.ts";
import type { Effect, LifeLimits, Observation, SessionEvent } from "../src/session/event.ts";
import { begin, type decide, type Outcome } from "../src/session/lifecycle.ts";
import { isEnded, newSession, type Phase, type Session, type SessionKind } from "../src/session/session.ts";

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
  | "a late attempt changes nothing";

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
interface World {
  /** Launches asked and not yet answered. */
  readonly asked: boolean;
  readonly alive: boolean;
  readonly everAlive: boolean;
  readonly terminateAsked: boolean;
}

interface Situation {
  readonly session: Session;
  readonly world: World;
  readonly now: number;
  readonly routeOpen: boolean;
  readonly log: readonly LogEntry[];
  /** Running intervals as an independent witness counts them. */
  readonly witnessed: readonly (readonly [number, number | null])[];
  readonly path: readonly string[];
}

/** What may happen next: to the world, to the session, or to both. */
interface Step {
  readonly name: string;
  readonly world: World;
  readonly event: SessionEvent | null;
  /** How far the clock goes on. */
  readonly after: number;
}

/**
 * Walks every reachable order of events, truthful and stale, from a new session on, and checks every law on each step.
 * Situations that differ only in absolute times count as one. Stops at the first violation.
 */
export function walk(
  under: Decide,
  kind: SessionKind,
  fold = runningIntervals,
  onStep: OnStep = () => {},
): WalkResult {
  const first = start(kind);
  const seen = new Set([keyOf(first)]);
  const phases = new Set<string>();
  const queue = [first];
  let steps = 0;
  for (let situation = queue.pop(); situation !== undefined; situation = queue.pop()) {
    phases.add(situation.session.phase);
    const stuck = checkEnd(under, situation);
    if (stuck !== null) return { situations: seen.size, steps, phases, violation: stuck };
    for (const step of stepsFrom(situation)) {
      steps += 1;
      const taken = take(under, situation, step);
      if (step.event !== null) onStep(situation.session.phase, step.event.type, taken.next.session.phase);
      const broken = checkStep(under, fold, situation, step, taken);
      if (broken !== null)
        return { situations: seen.size, steps, phases, violation: { law: broken, path: taken.next.path } };
      const key = keyOf(taken.next);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(taken.next);
    }
  }
  return { situations: seen.size, steps, phases, violation: null };
}

function start(kind: SessionKind): Situation {
  const request = {
    id: "s-00000000000000000000",
    owner: "pi",
    kind,
    environment: "nexus",
    flavour: "small",
    provider: "local",
    proposal: null,
    datasets: [],
    notebook: null,
    parameters: {},
    endpoints: kind === "batch" ? [] : (["jupyter"] as const),
    createdAt: 0,
  };
  const { session } = begin({ ...newSession(request, "walk", 100_000), version: 1 });
  const world = { asked: true, alive: false, everAlive: false, terminateAsked: false };
  return { session, world, now: 0, routeOpen: false, log: [], witnessed: [], path: [] };
}

interface Taken {
  readonly next: Situation;
  readonly effects: readonly Effect[];
}

function take(under: Decide, from: Situation, step: Step): Taken {
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

function stepsFrom({ session, world, now }: Situation): Step[] {
  const { attempt } = session;
  const tell = (name: string, event: SessionEvent, change: Partial<World> = {}, after = 1): Step => ({
    name,
    event,
    world: { ...world, ...change },
    after,
  });
  const see = (name: string, observation: Observation, asOf: number, after = 1): Step =>
    tell(name, { type: "observed", attempt, asOf, observation }, {}, after);
  const fresh = now + 1;
  const steps: Step[] = [
    tell("stop", { type: "stop-requested", reason: "user", by: "pi" }),
    tell("tick", { type: "tick" }),
    tell("tick late", { type: "tick" }, {}, 2_000),
    tell("tick at the end", { type: "tick" }, {}, Math.max(1, session.expiresAt - now)),
    tell("contact lost", { type: "contact-lost" }),
    tell("contact restored", { type: "contact-restored" }),
    see("stale: nothing", { state: "nothing" }, 0),
    see("stale: running", { state: "running" }, 0),
  ];
  if (session.expiresAt < 150_000) steps.push(tell("extended", { type: "extended", until: now + 150_000 }));
  if (world.asked) {
    steps.push({
      name: "compute begins",
      event: null,
      world: { ...world, alive: true, everAlive: true },
      after: 1,
    });
    if (world.alive)
      steps.push(
        tell("launch accepted", { type: "launch-accepted", attempt, handle: "h" }, { asked: false }),
      );
    else
      steps.push(
        tell(
          "launch refused",
          { type: "launch-refused", attempt, cause: { code: "too-large", detail: "" } },
          { asked: false },
        ),
      );
    if (session.phase !== "pending")
      steps.push(tell("launch abandoned", { type: "launch-abandoned", attempt }, { asked: false }));
  }
  if (session.handle !== null)
    steps.push(tell("launch accepted again", { type: "launch-accepted", attempt, handle: "h" }));
  if (world.terminateAsked && !world.asked)
    steps.push({
      name: "terminated",
      event: null,
      world: { ...world, alive: false, terminateAsked: false },
      after: 1,
    });
  if (!world.alive && !world.asked) {
    steps.push(see("nothing", { state: "nothing" }, fresh));
    if (world.everAlive) {
      steps.push(see("gone well", { state: "gone", exitCode: 0, cause: null }, fresh));
      steps.push(see("gone badly", { state: "gone", exitCode: 1, cause: null }, fresh));
      steps.push(
        see(
          "gone, killed",
          { state: "gone", exitCode: null, cause: { code: "out-of-memory", detail: "" } },
          fresh,
        ),
      );
    }
  }
  if (world.alive) {
    steps.push({ name: "compute ends", event: null, world: { ...world, alive: false }, after: 1 });
    steps.push(
      see("queued", { state: "queued", waiting: { reason: "resources", estimateSeconds: null } }, fresh),
    );
    steps.push(see("running", { state: "running" }, fresh));
    steps.push(see("running, later", { state: "running" }, fresh + 1_000, 1_001));
    steps.push(see("suspended", { state: "suspended" }, fresh));
    if (session.endpoints.length > 0)
      steps.push(tell("endpoint ready", { type: "endpoint-ready", attempt, endpoint: "jupyter" }));
    if (attempt < 2) steps.push(tell("requeued", { type: "requeued", attempt: attempt + 1 }));
  }
  if (attempt > 1)
    steps.push(tell("late attempt", { type: "endpoint-ready", attempt: attempt - 1, endpoint: "jupyter" }));
  if (attempt > 1)
    steps.push(
      tell("late attempt gone", {
        type: "observed",
        attempt: attempt - 1,
        asOf: fresh,
        observation: { state: "gone", exitCode: 1, cause: null },
      }),
    );
  return steps;
}

function checkStep(
  under: Decide,
  fold: typeof runningIntervals,
  before: Situation,
  step: Step,
  { next, effects }: Taken,
): Law | null {
  if (wronglyRouted(before, effects)) return "a route is never opened or closed twice";
  const needsRoute = next.session.endpoints.length > 0;
  if (next.routeOpen !== (needsRoute && next.session.phase === "running"))
    return "a route is open exactly while running";
  if (!countedOnce(fold, next)) return "each running interval is counted exactly once";
  if (isEnded(before.session) && settled(before.session) !== settled(next.session))
    return "an ended session never moves again";
  if (step.event?.type === "contact-lost" || step.event?.type === "contact-restored") {
    if (effects.length > 0 || next.session.phase !== before.session.phase) return "an outage changes nothing";
  }
  if (step.event?.type === "tick" && unwarned(before, next)) return "nobody is stopped unwarned";
  if (step.name.startsWith("late attempt") && (effects.length > 0 || next.session !== before.session))
    return "a late attempt changes nothing";
  if (step.event !== null && !doubledIsHarmless(under, next, step.event))
    return "a doubled message changes nothing more";
  return null;
}

function wronglyRouted(before: Situation, effects: readonly Effect[]): boolean {
  let open = before.routeOpen;
  for (const effect of effects) {
    if (effect.type === "open-route" && open) return true;
    if (effect.type === "close-route" && !open) return true;
    if (effect.type === "open-route") open = true;
    if (effect.type === "close-route") open = false;
  }
  return false;
}

function countedOnce(fold: typeof runningIntervals, situation: Situation): boolean {
  const counted = fold(situation.log, situation.now).map(({ from, to }) => `${from}-${to}`);
  const witnessed = situation.witnessed.map(([from, to]) => `${from}-${to ?? situation.now}`);
  return counted.join() === witnessed.join();
}

function settled(session: Session): string {
  return `${session.phase} ${session.reason} ${session.endedAt}`;
}

function unwarned(before: Situation, next: Situation): boolean {
  const stopped = next.session.phase === "stopping" && before.session.phase !== "stopping";
  const byTime = next.session.reason === "idle" || next.session.reason === "expired";
  return (
    stopped &&
    byTime &&
    (before.session.warnedAt === null || next.now < before.session.warnedAt + walkLimits.warnBefore)
  );
}

/** The same message once more may repeat a terminate, and a late tick may go one step on; nothing else. */
function doubledIsHarmless(under: Decide, after: Situation, event: SessionEvent): boolean {
  if (event.type === "tick") return true;
  const again = under(after.session, event, after.now, walkLimits);
  return (
    again.effects.every((effect) => effect.type === "terminate") &&
    again.session.phase === after.session.phase
  );
}

/** From here: stop, then only truthful news. It must end, with nothing left outside; whichever way the launch is answered. */
function checkEnd(under: Decide, from: Situation): Violation | null {
  for (const answer of from.world.asked ? (["accepted", "abandoned"] as const) : (["none"] as const)) {
    const end = driveToEnd(under, from, answer);
    if (!isEnded(end.session))
      return {
        law: "stop and the truth lead to an end",
        path: [...from.path, `… then stop, launch ${answer}`],
      };
    if (end.world.alive)
      return {
        law: "no compute is left under an ended session",
        path: [...from.path, `… then stop, launch ${answer}`],
      };
  }
  return null;
}

function driveToEnd(under: Decide, from: Situation, answer: "accepted" | "abandoned" | "none"): Situation {
  let at = tellTo(under, from, { type: "stop-requested", reason: "user", by: "pi" }, {});
  if (answer === "accepted") {
    at = tellTo(
      under,
      at,
      { type: "launch-accepted", attempt: at.session.attempt, handle: "h" },
      { asked: false, alive: true, everAlive: true },
    );
  }
  if (answer === "abandoned")
    at = tellTo(under, at, { type: "launch-abandoned", attempt: at.session.attempt }, { asked: false });
  for (let round = 0; round < 4; round += 1) {
    if (at.world.terminateAsked) at = { ...at, world: { ...at.world, alive: false, terminateAsked: false } };
    const observation: Observation = at.world.alive ? { state: "running" } : { state: "nothing" };
    at = tellTo(
      under,
      at,
      { type: "observed", attempt: at.session.attempt, asOf: at.now + 1_000, observation },
      {},
      1_000,
    );
  }
  return at;
}

function tellTo(
  under: Decide,
  at: Situation,
  event: SessionEvent,
  change: Partial<World>,
  after = 1,
): Situation {
  return take(under, at, { name: event.type, event, world: { ...at.world, ...change }, after }).next;
}

/** What tells two situations apart: everything but absolute times. */
function keyOf({ session, world, now, routeOpen }: Situation): string {
  return JSON.stringify([
    session.phase,
    session.attempt,
    session.handle,
    session.launchedAt !== null,
    session.waiting !== null,
    session.ready,
    session.reason,
    session.cause?.code,
    session.contactLostSince !== null,
    session.startedAt !== null,
    session.warnedAt !== null,
    session.terminateAskedAt !== null,
    session.expiresAt >= 150_000,
    now >= session.expiresAt,
    now >= session.expiresAt - walkLimits.warnBefore,
    session.stages.at(-1)?.name,
    world,
    routeOpen,
  ]);
}
