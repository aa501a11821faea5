import type { Cause, ErrorCode } from "../errors.ts";
import type { Instant } from "../time.ts";
import type { Effect, LifeLimits, Observation, SessionEvent } from "./event.ts";
import { expire } from "./expiry.ts";
import { isEnded, type Reason, type Session, type StageName } from "./session.ts";

/** What `decide` answers: the session as it is now, and what must be done. `session` is the same object when nothing changed. */
export interface Outcome {
  readonly session: Session;
  readonly effects: readonly Effect[];
}

/** The first effects of a new session. */
export function begin(session: Session): Outcome {
  return { session, effects: [{ type: "launch", attempt: session.attempt }] };
}

/**
 * The whole life of a session as one pure function: what an event makes of it, and what is to be done.
 * Exhaustive over events; events of an earlier attempt are late and change nothing, except that compute
 * which nobody wants is terminated.
 */
export function decide(session: Session, event: SessionEvent, now: Instant, limits: LifeLimits): Outcome {
  switch (event.type) {
    case "launch-accepted":
      return launchAccepted(session, event.attempt, event.handle, now);
    case "launch-refused":
      return launchRefused(session, event.attempt, event.cause, now);
    case "launch-abandoned":
      return launchAbandoned(session, event.attempt, now);
    case "observed":
      return observed(session, event.attempt, event.asOf, event.observation, now, limits);
    case "endpoint-ready":
      return endpointReady(session, event, now);
    case "requeued":
      return requeued(session, event.attempt, now);
    case "contact-lost":
      return isEnded(session) || session.contactLostSince !== null
        ? same(session)
        : only({ ...session, contactLostSince: now });
    case "contact-restored":
      return session.contactLostSince === null ? same(session) : only({ ...session, contactLostSince: null });
    case "stop-requested":
      return isEnded(session) || session.phase === "stopping"
        ? same(session)
        : stop(session, event.reason, null, now);
    case "extended":
      return extended(session, event.until);
    case "renamed":
      return session.name === event.name ? same(session) : only({ ...session, name: event.name });
    case "tick":
      return tick(session, now, limits);
  }
}

function launchAccepted(session: Session, attempt: number, handle: string, now: Instant): Outcome {
  if (attempt < session.attempt) return same(session);
  if (isEnded(session)) return { session, effects: [{ type: "terminate", handle }] };
  if (session.launchedAt !== null && session.handle === handle) return same(session);
  const placed: Session = { ...session, handle, launchedAt: now };
  if (session.phase === "stopping") return terminate(placed, now);
  if (session.phase !== "pending") return only(placed);
  return only(at({ ...placed, phase: "starting" }, "placed", now));
}

function launchRefused(session: Session, attempt: number, cause: Cause, now: Instant): Outcome {
  if (attempt !== session.attempt || session.launchedAt !== null || isEnded(session)) return same(session);
  if (session.phase === "stopping") return end(session, now);
  return end({ ...session, reason: "refused", cause }, now);
}

function launchAbandoned(session: Session, attempt: number, now: Instant): Outcome {
  if (attempt !== session.attempt || session.launchedAt !== null || isEnded(session)) return same(session);
  const known: Session = { ...session, launchedAt: now };
  return session.phase === "stopping" ? terminate(known, now) : stop(known, "start-timeout", null, now);
}

function observed(
  session: Session,
  attempt: number,
  asOf: Instant,
  observation: Observation,
  now: Instant,
  limits: LifeLimits,
): Outcome {
  if (attempt < session.attempt) return same(session);
  switch (observation.state) {
    case "queued":
    case "running":
    case "suspended":
      return seenAlive(session, asOf, observation, now, limits);
    case "gone":
      return isEnded(session) ? same(session) : ended(session, observation.exitCode, observation.cause, now);
    case "nothing":
      return notSeen(session, asOf, now);
  }
}

function seenAlive(
  session: Session,
  asOf: Instant,
  observation: Exclude<Observation, { state: "gone" | "nothing" }>,
  now: Instant,
  limits: LifeLimits,
): Outcome {
  if (isEnded(session))
    return asOf > (session.endedAt ?? 0)
      ? { session, effects: [{ type: "terminate", handle: session.handle }] }
      : same(session);
  if (session.phase === "stopping") return terminateAgain(session, asOf, now, limits);
  if (observation.state === "queued") return queued(session, observation.waiting, now);
  if (observation.state === "suspended") return suspended(session, now);
  return seenRunning(session, now);
}

function queued(session: Session, waiting: Session["waiting"], now: Instant): Outcome {
  if (session.phase !== "pending" && session.phase !== "starting") return same(session);
  if (session.ready.length > 0) return same(session);
  const unchanged =
    session.waiting?.reason === waiting?.reason &&
    session.waiting?.estimateSeconds === waiting?.estimateSeconds;
  if (session.phase === "pending" && unchanged) return same(session);
  const waitingSession: Session = { ...session, phase: "pending", waiting };
  return only(session.waiting === null ? at(waitingSession, "queued", now) : waitingSession);
}

function suspended(session: Session, now: Instant): Outcome {
  if (session.phase !== "running") return same(session);
  return { session: at({ ...session, phase: "suspended" }, "suspended", now), effects: closeRoute(session) };
}

function seenRunning(session: Session, now: Instant): Outcome {
  if (session.phase === "suspended") {
    return { session: at({ ...session, phase: "running" }, "resumed", now), effects: openRoute(session) };
  }
  if (session.phase !== "pending" && session.phase !== "starting") return same(session);
  const alreadyStarting = session.phase === "starting" && session.stages.at(-1)?.name === "starting";
  const starting = alreadyStarting
    ? session
    : at({ ...session, phase: "starting", waiting: null }, "starting", now);
  return session.endpoints.length === 0
    ? run(starting, now)
    : alreadyStarting
      ? same(session)
      : only(starting);
}

function endpointReady(
  session: Session,
  event: SessionEvent & { type: "endpoint-ready" },
  now: Instant,
): Outcome {
  if (event.attempt !== session.attempt || session.ready.includes(event.endpoint)) return same(session);
  if (session.phase !== "pending" && session.phase !== "starting") return same(session);
  const ready = [...session.ready, event.endpoint];
  const complete = session.endpoints.every((endpoint) => ready.includes(endpoint));
  return complete ? run({ ...session, ready }, now) : only({ ...session, ready });
}

/** Its lifetime counts while it answers: waiting for a place, at first or anew, is not held against it. */
function run(session: Session, now: Instant): Outcome {
  const waitingSince = session.stages.findLast(({ name }) => name === "requeued")?.at ?? session.createdAt;
  const running: Session = {
    ...session,
    phase: "running",
    waiting: null,
    startedAt: session.startedAt ?? now,
    expiresAt: session.expiresAt + (now - waitingSince),
    lastActivityAt: now,
  };
  return {
    session: at(running, "answering", now),
    effects: [...openRoute(session), { type: "notify", message: "ready" }],
  };
}

/** Only batch is queued again by the engine; an interactive session that lost its place has lost its kernels. */
function requeued(session: Session, attempt: number, now: Instant): Outcome {
  if (attempt <= session.attempt || isEnded(session)) return same(session);
  if (session.phase === "stopping") return terminate({ ...session, attempt }, now);
  const effects = session.phase === "running" ? closeRoute(session) : [];
  const again: Session = { ...session, attempt, phase: "pending", waiting: null, ready: [] };
  if (session.kind === "batch") return { session: at(again, "requeued", now), effects };
  return stop(
    { ...session, attempt },
    "preempted",
    { code: "preempted", detail: `${session.provider} queued it again` },
    now,
  );
}

/** What the full list does not have is gone, unless it was asked before the launch was answered. */
function notSeen(session: Session, asOf: Instant, now: Instant): Outcome {
  if (isEnded(session) || session.launchedAt === null || asOf <= session.launchedAt) return same(session);
  if (session.phase === "stopping") return end(session, now);
  const detail = `${session.provider} no longer lists it`;
  return fail(session, "vanished", { code: "vanished", detail }, now);
}

function ended(before: Session, exitCode: number | null, cause: Cause | null, now: Instant): Outcome {
  const session = { ...before, exitCode: exitCode ?? before.exitCode };
  if (session.phase === "stopping") return end(session, now);
  if (cause !== null) return fail(session, cause.code === "preempted" ? "preempted" : "killed", cause, now);
  if (exitCode !== null && exitCode !== 0)
    return fail(session, "exit-code", { code: "exit-code", detail: `exit code ${exitCode}` }, now);
  return end({ ...session, reason: session.kind === "batch" ? "completed" : "ended-itself" }, now);
}

/** What may go well another time: not what was refused, nor what ran into its own limits. */
const passing: ReadonlySet<ErrorCode> = new Set(["exit-code", "killed", "preempted", "vanished"]);

/** It ends as failed, or is begun anew as often as was asked for. */
function fail(session: Session, reason: Reason, cause: Cause, now: Instant): Outcome {
  const hasRetries = session.batch !== null && session.retried < session.batch.retries;
  return hasRetries && passing.has(cause.code)
    ? again(session, now)
    : end({ ...session, reason, cause }, now);
}

function again(session: Session, now: Instant): Outcome {
  const attempt = session.attempt + 1;
  const pending: Session = {
    ...session,
    attempt,
    retried: session.retried + 1,
    phase: "pending",
    handle: null,
    launchedAt: null,
    waiting: null,
    ready: [],
    contactLostSince: null,
  };
  const effects = session.phase === "running" ? closeRoute(session) : [];
  return { session: at(pending, "requeued", now), effects: [...effects, { type: "launch", attempt }] };
}

function extended(session: Session, until: Instant): Outcome {
  if (isEnded(session) || session.phase === "stopping" || until <= session.expiresAt) return same(session);
  return only({ ...session, expiresAt: until, warnedAt: null });
}

function tick(session: Session, now: Instant, limits: LifeLimits): Outcome {
  if (isEnded(session) || session.phase === "stopping") return same(session);
  if (overdue(session, now, limits)) {
    const detail = `it was not answering after ${Math.round(limits.startWithin / 1000)} s`;
    return stop(session, "start-timeout", { code: "start-timeout", detail }, now);
  }
  const expiry = expire(session, now, limits);
  if (expiry.due === "stop") return stop(session, expiry.reason, null, now);
  if (expiry.due === "warn") {
    return {
      session: at({ ...session, warnedAt: now }, "warned", now),
      effects: [{ type: "notify", message: "expires-soon" }],
    };
  }
  return same(session);
}

/** Time spent in a provider's queue, or while it cannot be asked, is nobody's fault and does not count. */
function overdue(session: Session, now: Instant, limits: LifeLimits): boolean {
  if (session.phase !== "pending" && session.phase !== "starting") return false;
  if (session.waiting !== null || session.contactLostSince !== null) return false;
  const since = session.stages.at(-1)?.at ?? session.createdAt;
  return now >= since + limits.startWithin;
}

function stop(session: Session, reason: Reason, cause: Cause | null, now: Instant): Outcome {
  const effects = session.phase === "running" ? closeRoute(session) : [];
  const stopping = at({ ...session, phase: "stopping", waiting: null, reason, cause }, "stopping", now);
  if (stopping.launchedAt === null) return { session: stopping, effects };
  const terminating = terminate(stopping, now);
  return { session: terminating.session, effects: [...effects, ...terminating.effects] };
}

function terminate(session: Session, now: Instant): Outcome {
  return {
    session: { ...session, terminateAskedAt: now },
    effects: [{ type: "terminate", handle: session.handle }],
  };
}

function terminateAgain(session: Session, asOf: Instant, now: Instant, limits: LifeLimits): Outcome {
  if (session.launchedAt === null) return terminate({ ...session, launchedAt: now }, now);
  const asked = session.terminateAskedAt;
  return asked === null || asOf >= asked + limits.terminateAgainAfter
    ? terminate(session, now)
    : same(session);
}

const failing: ReadonlySet<Reason> = new Set([
  "start-timeout",
  "refused",
  "vanished",
  "exit-code",
  "killed",
  "preempted",
]);

function end(session: Session, now: Instant): Outcome {
  const failed = session.reason !== null && failing.has(session.reason);
  const over: Session = {
    ...session,
    phase: failed ? "failed" : "stopped",
    waiting: null,
    contactLostSince: null,
    endedAt: now,
  };
  const effects = session.phase === "running" ? closeRoute(session) : [];
  return {
    session: at(over, "ended", now),
    effects: [...effects, { type: "notify", message: failed ? "failed" : "ended" }],
  };
}

function openRoute(session: Session): Effect[] {
  return session.endpoints.length === 0 ? [] : [{ type: "open-route" }];
}

function closeRoute(session: Session): Effect[] {
  return session.endpoints.length === 0 ? [] : [{ type: "close-route" }];
}

function at(session: Session, name: StageName, now: Instant): Session {
  return { ...session, stages: [...session.stages, { name, at: now }] };
}

function only(session: Session): Outcome {
  return { session, effects: [] };
}

function same(session: Session): Outcome {
  return { session, effects: [] };
}
