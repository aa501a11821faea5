import { allowed, type Decision, EndstationError, refuse } from "../errors.ts";
import { hasRole, type Principal } from "../identity/principal.ts";
import { authorizeSession, relationTo, wayOf } from "../policy/authorize.ts";
import type { EndpointKind, Session } from "../session/session.ts";
import { isEnded } from "../session/session.ts";
import { type AccessDeps, factsOf, findSession, type SessionView } from "./session-access.ts";

/** Whether a person may read each of these datasets now. */
export interface ReadRights {
  mayReadAll(principal: Principal, datasets: readonly string[]): Promise<boolean>;
}

export interface EnterDeps extends AccessDeps {
  readonly rights: ReadRights;
}

/**
 * Finds a session to be entered, at the endpoint named or its first: entering needs the share, and the right to everything in it.
 * @throws not-found · not-allowed · right-lost · wrong-phase when it is not running.
 */
export async function enterSession(
  deps: EnterDeps,
  principal: Principal | null,
  id: string,
  wanted: EndpointKind | null,
): Promise<{ readonly view: SessionView; readonly endpoint: EndpointKind }> {
  const view = await findSession(deps, principal, "enter", id);
  const endpoint = endpointOf(view.session, wanted);
  if (await mayHaveWhatIsInside(deps, principal as Principal, view.session)) return { view, endpoint };
  throw new EndstationError(
    "right-lost",
    "you may not (or no longer) have the data and results of this session",
  );
}

/**
 * The same question without a session being opened: asked again and again while somebody is inside. `way` is the one she
 * came by: who has another role since then has another way, and leaves by this one.
 */
export async function mayStayInside(
  deps: EnterDeps,
  principal: Principal,
  session: Session,
  way: string,
): Promise<Decision> {
  const facts = await factsOf(deps, principal, session);
  const relation = relationTo(principal, facts);
  const present = wayOf(relation, principal.account);
  if (present === null)
    return refuse("share-ended", "its owner took back what let you in, or the time of it is over");
  if (present !== way) return refuse("role-changed", nowAs(relation === "viewer"));
  const decision = authorizeSession(principal, "enter", facts);
  if (!decision.allowed) return decision;
  return (await mayHaveWhatIsInside(deps, principal, session))
    ? allowed
    : refuse("right-lost", "the data and results may no longer be had");
}

/**
 * Whether a person may have all that a session holds: every dataset, and the results folder of its proposal, which is the
 * team's. The facility's support may be let in by the owner; she is not of the team and has still no right to embargoed data.
 */
export async function mayHaveWhatIsInside(
  { rights, teams }: Pick<EnterDeps, "rights" | "teams">,
  principal: Principal,
  { datasets, proposal }: Pick<Session, "datasets" | "proposal">,
): Promise<boolean> {
  if (!(await rights.mayReadAll(principal, datasets))) return false;
  if (proposal === null || hasRole(principal, "support")) return true;
  return (await teams.proposalsOf(principal.account)).has(proposal);
}

function nowAs(viewer: boolean): string {
  return viewer
    ? "its owner has taken the keyboard back: you may look, and change nothing"
    : "its owner has given you the keyboard: you may work in it now";
}

function endpointOf(session: Session, wanted: EndpointKind | null): EndpointKind {
  const endpoint = wanted ?? session.endpoints[0];
  if (endpoint === undefined) throw new EndstationError("not-found", "the session is not entered by anybody");
  if (!session.endpoints.includes(endpoint))
    throw new EndstationError("not-found", `the session has no "${endpoint}"`);
  if (session.phase === "running") return endpoint;
  if (isEnded(session) || session.phase === "stopping")
    throw new EndstationError("session-ended", `the session is ${session.phase}`);
  throw new EndstationError("session-starting", `the session is ${session.phase}`);
}
