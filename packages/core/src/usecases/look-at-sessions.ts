import { demand, EndstationError } from "../errors.ts";
import { hasRole, type Principal } from "../identity/principal.ts";
import { authorizeScope, relationTo } from "../policy/authorize.ts";
import type { Page, PageRequest, SessionFilter } from "../ports/session-store.ts";
import type { Session } from "../session/session.ts";
import { type AccessDeps, factsOf, findSession, type SessionView } from "./session-access.ts";

export interface SessionsRequest {
  readonly proposal: string | null;
  readonly phase: "live" | "ended" | null;
  /** Of those that were asked for together with this one. */
  readonly array: string | null;
  /** Everybody's: for administrators and support. */
  readonly all: boolean;
  readonly page: PageRequest;
}

/** Her own sessions and those shared with her; of one of her proposals, the whole team's. */
export async function listSessions(
  deps: AccessDeps,
  principal: Principal | null,
  request: SessionsRequest,
): Promise<Page<SessionView>> {
  demand(authorizeScope(principal, "read"));
  const asker = principal as Principal;
  const filter = await filterOf(deps, asker, request);
  const page = await deps.store.list(filter, request.page);
  const items = await Promise.all(page.items.map((session) => viewOf(deps, asker, session)));
  return { items: items.filter((view) => view.relation !== "none"), next: page.next };
}

export function getSession(deps: AccessDeps, principal: Principal | null, id: string): Promise<SessionView> {
  return findSession(deps, principal, "look-inside", id);
}

async function filterOf(
  deps: AccessDeps,
  asker: Principal,
  request: SessionsRequest,
): Promise<SessionFilter> {
  const asked = {
    ...(request.phase === null ? {} : { phase: request.phase }),
    ...(request.proposal === null ? {} : { proposal: request.proposal }),
    ...(request.array === null ? {} : { array: request.array }),
  };
  if (request.all) {
    if (!hasRole(asker, "admin") && !hasRole(asker, "support"))
      throw new EndstationError("not-allowed", "everybody's sessions are for administrators and support");
    return asked;
  }
  const own =
    request.proposal !== null && (await deps.teams.proposalsOf(asker.account)).has(request.proposal);
  return own ? asked : { ...asked, visibleTo: asker.account };
}

async function viewOf(deps: AccessDeps, asker: Principal, session: Session): Promise<SessionView> {
  return { session, relation: relationTo(asker, await factsOf(deps, asker, session)) };
}
