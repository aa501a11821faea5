import {
  type AuditAction,
  type AuditEntry,
  applyEvent,
  begin,
  type Creation,
  type LifeLimits,
  newSession,
  type Session,
  type SessionEvent,
  type SessionRequest,
  type Share,
} from "@endstation/core";
import type { Sessions } from "./session-store.ts";
import type { ShareStore } from "./shares.ts";

/** Sessions for tests of the store, the runner and the gateway. */
export const testLimits: LifeLimits = {
  startWithin: 60_000,
  warnBefore: 60_000,
  idleAfter: 600_000,
  terminateAgainAfter: 5_000,
};

let made = 0;

/** A session id that this process has not used yet. */
export function testSessionId(): string {
  made += 1;
  return `s-${String(made).padStart(20, "0")}`;
}

export function testSession(more: Partial<SessionRequest> = {}, lifetimeMs = 3_600_000): Session {
  const request: SessionRequest = {
    id: testSessionId(),
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
    createdAt: 1_000,
    ...more,
  };
  return newSession(request, "A session", request.createdAt + lifetimeMs);
}

/** What `startSession` would write for it. */
export function testCreation(session: Session, more: Partial<Creation> = {}): Creation {
  const begun = begin({ ...session, version: 1 });
  const entry = {
    sessionId: session.id,
    sequence: 1,
    at: session.createdAt,
    event: { type: "created" },
    phase: session.phase,
  } as const;
  return { ...begun, entry, limit: { perOwner: 100_000 }, idempotency: null, ...more };
}

/** Creates a session and lets events happen to it, one every 100 ms from its creation on. */
export async function livedSession(
  store: Sessions,
  events: readonly SessionEvent[],
  more: Partial<SessionRequest> = {},
): Promise<Session> {
  const session = testSession(more);
  await store.create(testCreation(session));
  let now = session.createdAt;
  const clock = { now: () => now };
  let latest: Session = session;
  for (const event of events) {
    now += 100;
    latest = (await applyEvent({ store, clock, limits: testLimits }, session.id, event)) ?? latest;
  }
  return latest;
}

/** From accepted to answering. */
export const toRunning: readonly SessionEvent[] = [
  { type: "launch-accepted", attempt: 1, handle: "h1" },
  { type: "endpoint-ready", attempt: 1, endpoint: "jupyter" },
];

/** From running to stopped. */
export const toStopped: readonly SessionEvent[] = [
  { type: "stop-requested", reason: "user", by: "pi" },
  { type: "observed", attempt: 1, asOf: 9_999, observation: { state: "gone", exitCode: 0, cause: null } },
];

/** What is recorded of a share in tests that are about something else. */
export function testEntry(
  sessionId: string,
  action: AuditAction,
  more: Partial<AuditEntry> = {},
): AuditEntry {
  const nothing = { whom: null, role: null, until: null, way: "log-in", reason: null };
  return { sessionId, action, at: 1, account: "pi", ...nothing, ...more };
}

/** Lets somebody in, as the owner's own hand does. */
export function letIn(
  store: Pick<ShareStore, "addShare">,
  share: Pick<Share, "sessionId" | "account" | "as"> & Partial<Share>,
): Promise<void> {
  const { sessionId, account: whom, as: role } = share;
  const whole = { until: null, by: "pi", at: 1, link: null, ...share };
  return store.addShare(whole, testEntry(sessionId, "shared", { whom, role }));
}

/** Takes it back. */
export function letOut(store: Pick<ShareStore, "removeShare">, id: string, account: string): Promise<void> {
  return store.removeShare(id, account, testEntry(id, "unshared", { whom: account }));
}
