import type { Duplex } from "node:stream";
import {
  applyEvent,
  type Clock,
  type ComputeProvider,
  type Instant,
  type LaunchSpec,
  type LifeLimits,
  type Notice,
  type Session,
  type SessionEvent,
  type SessionId,
} from "@endstation/core";
import type { Logger } from "pino";
import type { Database } from "../store/database.ts";
import type { Sessions } from "../store/session-store.ts";
import type { Pace } from "./pace.ts";
import type { Probe } from "./probe.ts";

/** What all parts of the runner work with. */
export interface Stage {
  readonly database: Database;
  readonly store: Pick<Sessions, "get" | "getMany" | "save">;
  readonly providers: ReadonlyMap<string, ComputeProvider<Duplex>>;
  readonly clock: Clock;
  readonly limits: LifeLimits;
  readonly pace: Pace;
  readonly log: Logger;
  /** Who holds the leases: unique among running processes; the same again after a restart takes its own over at once. */
  readonly owner: string;
  readonly probe: Probe;
  /** The last event under way of each session. */
  readonly happening: Map<SessionId, Promise<Session | null>>;
  launchSpecOf(session: Session): Promise<LaunchSpec>;
  /** `at`: when it happened, where the session itself does not say. */
  notify(session: Session, message: Notice, at?: Instant): Promise<void>;
}

/**
 * Lets an event happen to a session that was just read. Events of this process on one session wait for each other and
 * go on from what the one before made of it; it is read anew only if another process changed it meanwhile.
 */
export async function happen(stage: Stage, session: Session, event: SessionEvent): Promise<Session | null> {
  const before = stage.happening.get(session.id);
  const turn = (async () => {
    const after = await before?.catch(() => null);
    return apply(stage, after != null && after.version > session.version ? after : session, event);
  })();
  stage.happening.set(session.id, turn);
  try {
    return await turn;
  } finally {
    if (stage.happening.get(session.id) === turn) stage.happening.delete(session.id);
  }
}

function apply(stage: Stage, session: Session, event: SessionEvent): Promise<Session | null> {
  let known: Session | null = session;
  const get = async (id: SessionId) => {
    const first = known;
    known = null;
    return first ?? stage.store.get(id);
  };
  const store = { get, save: stage.store.save };
  return applyEvent({ store, clock: stage.clock, limits: stage.limits }, session.id, event);
}

/** A signal that is raised by `parent`, or after `ms`. */
export function within(parent: AbortSignal, ms: number): AbortSignal {
  return AbortSignal.any([parent, AbortSignal.timeout(ms)]);
}
