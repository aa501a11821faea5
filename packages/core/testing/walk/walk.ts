import { runningIntervals } from "../../src/accounting/usage.ts";
import { begin } from "../../src/session/lifecycle.ts";
import { newSession, type SessionKind } from "../../src/session/session.ts";
import { checkEnd, checkStep } from "./laws.ts";
import { type Decide, type OnStep, type Situation, take, type WalkResult, walkLimits } from "./situation.ts";
import { stepsFrom } from "./steps.ts";

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
    placement: "asked for",
    proposal: null,
    datasets: [],
    notebook: null,
    parameters: {},
    endpoints: kind === "batch" ? [] : (["jupyter"] as const),
    batch: kind === "batch" ? { hasScript: true, arguments: [], retries: 1, array: null } : null,
    createdAt: 0,
  };
  const { session } = begin({ ...newSession(request, "walk", 100_000), version: 1 });
  const world = { asked: true, alive: false, everAlive: false, terminateAsked: false };
  return { session, world, now: 0, routeOpen: false, launches: 1, log: [], witnessed: [], path: [] };
}

/** What tells two situations apart: everything but absolute times. */
function keyOf({ session, world, now, routeOpen, launches }: Situation): string {
  return JSON.stringify([
    session.phase,
    session.attempt,
    session.retried,
    launches,
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
