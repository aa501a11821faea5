import { demand, EndstationError } from "../errors.ts";
import { hasRole, type Principal } from "../identity/principal.ts";
import { authorizeScope } from "../policy/authorize.ts";
import type { Share, ShareRole } from "../ports/session-store.ts";
import type { AskLimits, JoinRequest, ListedRequest } from "../ports/sharing.ts";
import type { Session } from "../session/session.ts";
import { day, hour, type Instant } from "../time.ts";
import { mayHaveWhatIsInside } from "./enter-session.ts";
import { findSession } from "./session-access.ts";
import { demandMayCome, demandNotEnded, entryOf, type ShareDeps, shareFrom } from "./share-session.ts";

/** How long a request can be answered. */
export const requestLifetime = 4 * hour;
/** How long support stays that was let in by the facility's rule, without a word of the owner. */
export const supportStays = 8 * hour;
/** How often somebody may ask within an hour: of one session, and in all. */
const most = { perSession: 3, inAll: 20 };

export interface AskRequest {
  readonly as: ShareRole;
  /** What the owner reads; support must give one. */
  readonly reason: string | null;
}

export interface Answer {
  readonly answer: "yes" | "no";
  /** In place of what was asked for. */
  readonly as: ShareRole | null;
  readonly until: Instant | null;
}

/**
 * Asks the owner to be let in; support may be let in at once, where the facility's rule says so: then the owner is told.
 * @throws already-asked · too-many-requests · session-ended · not-allowed for one who may not have what is inside.
 */
export async function askToJoin(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
  { as, reason }: AskRequest,
): Promise<JoinRequest> {
  const { session, relation } = await findSession(deps, principal, "ask", id);
  const person = principal as Principal;
  demandNotEnded(session);
  if (relation === as || relation === "member" || relation === "support")
    throw new EndstationError("not-allowed", `you are let in already, as ${relation}`);
  await demandMayAsk(deps, person, session, as, reason);
  const at = deps.clock.now();
  const open = { id: deps.secrets.id(), sessionId: id, account: person.account, as, reason, at };
  const request: JoinRequest = { ...open, state: "open", until: at + requestLifetime, answeredAt: null };
  const limits = { ...most, since: at - hour };
  if (as === "support" && deps.support.enters === "and-tells")
    return letSupportIn(deps, person, session, { ...request, state: "accepted", answeredAt: at }, limits);
  const entry = entryOf(deps, person, id, "asked", { role: as, reason, way: `request ${request.id}` });
  demandAsked(await deps.sharing.ask(request, limits, entry));
  return request;
}

async function letSupportIn(
  deps: ShareDeps,
  person: Principal,
  session: Session,
  request: JoinRequest,
  limits: AskLimits,
): Promise<JoinRequest> {
  const { account, as, reason, at } = request;
  const until = at + supportStays;
  const share = shareFrom(deps, session, { account, as, until }, person);
  const more = { role: as, until, reason, way: "the facility's rule" };
  const entry = entryOf(deps, person, session.id, "support-let-in", more);
  demandAsked(await deps.sharing.letSupportIn(request, share, limits, entry));
  return request;
}

/** Open ones that she may answer, and what became of her own in the last day. */
export async function listRequests(
  deps: ShareDeps,
  principal: Principal | null,
): Promise<readonly ListedRequest[]> {
  demand(authorizeScope(principal, "read"));
  const now = deps.clock.now();
  return deps.sharing.requestsOf((principal as Principal).account, now - day, now);
}

/** The owner's answer: yes makes a share. @throws not-found · request-over · not-allowed */
export async function answerRequest(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
  { answer, as, until }: Answer,
): Promise<JoinRequest> {
  const request = await found(deps, principal, id);
  const { session } = await findSession(deps, principal, "share", request.sessionId);
  const owner = principal as Principal;
  const { account } = request;
  const role = as ?? request.as;
  let share: Share | null = null;
  if (answer === "yes") {
    demandNotEnded(session);
    await demandMayCome(deps, session, { account, as: role });
    share = shareFrom(deps, session, { account, as: role, until }, owner);
  }
  return close(deps, owner, request, share === null ? "declined" : "accepted", share);
}

/** Takes back what she asked herself. @throws not-found · request-over */
export async function withdrawRequest(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
): Promise<void> {
  const request = await found(deps, principal, id);
  const person = principal as Principal;
  demand(authorizeScope(person, "sessions"));
  if (request.account !== person.account) throw notThere();
  await close(deps, person, request, "withdrawn", null);
}

async function close(
  deps: ShareDeps,
  person: Principal,
  request: JoinRequest,
  state: "accepted" | "declined" | "withdrawn",
  share: Share | null,
): Promise<JoinRequest> {
  const whom = state === "withdrawn" ? null : request.account;
  const more = { whom, role: share?.as ?? request.as, until: share?.until ?? null };
  const way = `request ${request.id}`;
  const entry = entryOf(deps, person, request.sessionId, state, { ...more, way });
  if (request.state !== "open" || !(await deps.sharing.closeRequest(request, state, share, entry)))
    throw new EndstationError(
      "request-over",
      `it is ${request.state === "open" ? "answered" : request.state}`,
    );
  return { ...request, state, answeredAt: entry.at };
}

async function found(deps: ShareDeps, principal: Principal | null, id: string): Promise<JoinRequest> {
  if (principal === null) throw new EndstationError("not-logged-in", "this needs a logged-in person");
  const request = await deps.sharing.request(id, deps.clock.now());
  if (request === null) throw notThere();
  return request;
}

function notThere(): EndstationError {
  return new EndstationError("not-found", "there is no such request among yours");
}

async function demandMayAsk(
  deps: ShareDeps,
  person: Principal,
  session: Session,
  as: ShareRole,
  reason: string | null,
): Promise<void> {
  if (as === "support" && !hasRole(person, "support"))
    throw new EndstationError("not-allowed", "you are not of the facility's support");
  if (as === "support" && reason === null)
    throw new EndstationError("malformed-request", "body.reason: support says why it wants in");
  if (await mayHaveWhatIsInside(deps, person, session)) return;
  throw new EndstationError("not-allowed", "you may not have the data and results of this session", {
    next: "Ask the proposal's principal investigator to be added to the team first.",
  });
}

function demandAsked(asked: "asked" | "already" | "too-many"): void {
  if (asked === "already")
    throw new EndstationError("already-asked", "your request to this session is open still");
  if (asked === "too-many")
    throw new EndstationError("too-many-requests", "you have asked often enough for now", {
      next: "Wait an hour, or talk to the owner.",
      details: { retryAfterSeconds: hour / 1000 },
    });
}
