import type { runningIntervals } from "../../src/accounting/usage.ts";
import type { Effect, Observation, SessionEvent } from "../../src/session/event.ts";
import { isEnded, type Session } from "../../src/session/session.ts";
import {
  type Decide,
  type Law,
  type Situation,
  type Step,
  type Taken,
  take,
  type Violation,
  type World,
  walkLimits,
} from "./situation.ts";

export function checkStep(
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
  if (wronglyAgain(before, next)) return "it is begun anew only while retries are left";
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

/** Never what she stopped, what has ended, or more often than was asked for. */
function wronglyAgain({ session, launches }: Situation, next: Situation): boolean {
  if (next.launches === launches) return false;
  const isOver = isEnded(session) || session.phase === "stopping";
  return isOver || next.launches > 1 + (session.batch?.retries ?? 0);
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
export function checkEnd(under: Decide, from: Situation): Violation | null {
  if (!isEnded(failAgainAndAgain(under, from).session))
    return {
      law: "failing again and again comes to an end",
      path: [...from.path, "… then every attempt fails"],
    };
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

/** Each attempt is placed, runs and fails. */
function failAgainAndAgain(under: Decide, from: Situation): Situation {
  let at = from;
  for (let round = 0; round < 4 && !isEnded(at.session); round += 1) {
    const { attempt } = at.session;
    if (at.world.asked)
      at = tellTo(
        under,
        at,
        { type: "launch-accepted", attempt, handle: "h" },
        { asked: false, alive: true },
      );
    const observation = { state: "gone", exitCode: 1, cause: null } as const;
    at = tellTo(under, at, { type: "observed", attempt, asOf: at.now + 1, observation }, { alive: false });
  }
  return at;
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
