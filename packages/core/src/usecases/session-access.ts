import { demand, EndstationError } from "../errors.ts";
import type { Principal } from "../identity/principal.ts";
import {
  authorizeSession,
  relationTo,
  type SessionAction,
  type SessionFacts,
  type SessionRelation,
} from "../policy/authorize.ts";
import type { Clock } from "../ports/clock.ts";
import type { SessionStore } from "../ports/session-store.ts";
import type { Session } from "../session/session.ts";

/** Which proposals a person is in the team of. */
export interface Teams {
  proposalsOf(account: string): Promise<ReadonlySet<string>>;
}

export interface AccessDeps {
  readonly store: SessionStore;
  readonly teams: Teams;
  readonly clock: Clock;
}

/** A session and what the person who asks is to it. */
export interface SessionView {
  readonly session: Session;
  readonly relation: SessionRelation;
}

/**
 * Finds a session for an action.
 * @throws not-found when there is none or she may not see it · not-allowed when she may see it but not do this.
 */
export async function findSession(
  deps: AccessDeps,
  principal: Principal | null,
  action: SessionAction,
  id: string,
): Promise<SessionView> {
  if (principal === null) throw new EndstationError("not-logged-in", "this needs a logged-in person");
  const session = await deps.store.get(id);
  if (session === null) throw new EndstationError("not-found", "there is no such session among yours");
  const facts = await factsOf(deps, principal, session);
  demand(authorizeSession(principal, action, facts));
  return { session, relation: relationTo(principal, facts) };
}

export async function factsOf(
  deps: AccessDeps,
  principal: Principal,
  session: Session,
): Promise<SessionFacts> {
  if (session.owner === principal.account) return { owner: session.owner, share: null, inTeam: true };
  const now = deps.clock.now();
  const shares = await deps.store.shares(session.id);
  const share = shares.find(
    (one) => one.account === principal.account && (one.until === null || one.until > now),
  );
  const inTeam =
    session.proposal !== null && (await deps.teams.proposalsOf(principal.account)).has(session.proposal);
  return { owner: session.owner, share: share?.as ?? null, inTeam };
}
