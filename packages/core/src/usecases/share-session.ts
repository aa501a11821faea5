import { EndstationError } from "../errors.ts";
import { hasRole, type Principal } from "../identity/principal.ts";
import type { Share, ShareRole } from "../ports/session-store.ts";
import type { AuditEntry, LinkRole, Secrets, Sharing } from "../ports/sharing.ts";
import { isEnded, type Session } from "../session/session.ts";
import type { Instant } from "../time.ts";
import { type EnterDeps, mayHaveWhatIsInside } from "./enter-session.ts";
import { findSession } from "./session-access.ts";

/** The facility's rule for its support: whether the owner is asked first, or told. */
export interface SupportRule {
  readonly enters: "with-consent" | "and-tells";
}

export interface ShareDeps extends EnterDeps {
  readonly sharing: Sharing;
  readonly secrets: Secrets;
  readonly support: SupportRule;
}

export interface ShareRequest {
  readonly account: string;
  readonly as: ShareRole;
  readonly until: Instant | null;
}

export async function listShares(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
): Promise<readonly Share[]> {
  await findSession(deps, principal, "look-inside", id);
  return deps.store.shares(id);
}

/**
 * Lets somebody else in. She must have the right to everything inside already: a share gives no right to data or results.
 * @throws account-unknown · not-allowed when she may not have what is inside, or is not of the facility's support.
 */
export async function shareSession(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
  request: ShareRequest,
): Promise<Share> {
  const { session } = await findSession(deps, principal, "share", id);
  await demandMayCome(deps, session, request);
  const share = shareFrom(deps, session, request, principal as Principal);
  const { as: role, until } = request;
  const more = { whom: request.account, role, until };
  await deps.sharing.addShare(share, entryOf(deps, principal as Principal, id, "shared", more));
  return share;
}

/** Takes back what she was let in by. She comes by no link any more, only by the owner's own hand. */
export async function unshareSession(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
  account: string,
): Promise<void> {
  await findSession(deps, principal, "share", id);
  const entry = entryOf(deps, principal as Principal, id, "unshared", { whom: account });
  await deps.sharing.removeShare(id, account, entry);
}

/**
 * Hands the keyboard over to somebody who is let in already (`member`), or takes it back (`viewer`). Until when she is let
 * in, and by what, stays as it was. @throws account-unknown when she is not let in as one of the two.
 */
export async function handOver(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
  { account, as }: { readonly account: string; readonly as: LinkRole },
): Promise<Share> {
  const { session } = await findSession(deps, principal, "share", id);
  const now = deps.clock.now();
  const found = (await deps.store.shares(id)).find(
    (one) => one.account === account && one.as !== "support" && (one.until === null || one.until > now),
  );
  if (found === undefined)
    throw new EndstationError("account-unknown", `"${account}" is neither a member nor a viewer of it`);
  if (found.as === as) return found;
  await demandMayCome(deps, session, { account, as });
  const share = { ...found, as };
  const more = { whom: account, role: as, until: found.until };
  await deps.sharing.addShare(share, entryOf(deps, principal as Principal, id, "handed-over", more));
  return share;
}

/** Whether somebody may be let in at all, in that role. @throws account-unknown · not-allowed */
export async function demandMayCome(
  deps: ShareDeps,
  session: Session,
  { account, as }: Pick<ShareRequest, "account" | "as">,
): Promise<void> {
  const invited = await deps.sharing.accountNamed(account);
  if (invited === null || invited.account === session.owner)
    throw new EndstationError("account-unknown", `there is nobody else with the account "${account}"`);
  if (as === "support" && !hasRole(invited, "support"))
    throw new EndstationError("not-allowed", `"${account}" is not of the facility's support`);
  if (!(await mayHaveWhatIsInside(deps, invited, session)))
    throw new EndstationError(
      "not-allowed",
      `"${account}" may not have the data and results of this session`,
      { next: "Ask the proposal's principal investigator to add her to the team first." },
    );
}

/** @throws session-ended */
export function demandNotEnded(session: Pick<Session, "phase">): void {
  if (isEnded(session) || session.phase === "stopping")
    throw new EndstationError("session-ended", `the session is ${session.phase}`);
}

export function shareFrom(
  { clock }: Pick<ShareDeps, "clock">,
  { id: sessionId }: Pick<Session, "id">,
  { account, as, until }: ShareRequest,
  by: Pick<Principal, "account">,
): Share {
  return { sessionId, account, as, until, by: by.account, at: clock.now(), link: null };
}

/** What is recorded of something that a person does now. */
export function entryOf(
  { clock }: Pick<ShareDeps, "clock">,
  { account, token }: Principal,
  sessionId: string,
  action: AuditEntry["action"],
  more: Partial<AuditEntry> = {},
): AuditEntry {
  const way = token === undefined ? "log-in" : "access token";
  const nothing = { whom: null, role: null, until: null, reason: null };
  return { sessionId, at: clock.now(), action, account, ...nothing, way, ...more };
}
