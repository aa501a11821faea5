import { EndstationError } from "../errors.ts";
import { hasRole, type Principal } from "../identity/principal.ts";
import type { Share, ShareRole } from "../ports/session-store.ts";
import type { Instant } from "../time.ts";
import { type EnterDeps, mayHaveWhatIsInside } from "./enter-session.ts";
import { findSession } from "./session-access.ts";

/** Writing shares, and whether an account exists. */
export interface Sharing {
  addShare(share: Share): Promise<void>;
  removeShare(sessionId: string, account: string): Promise<void>;
  accountNamed(account: string): Promise<Principal | null>;
}

export interface ShareDeps extends EnterDeps {
  readonly sharing: Sharing;
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
  const invited = await deps.sharing.accountNamed(request.account);
  if (invited === null || invited.account === session.owner) {
    throw new EndstationError(
      "account-unknown",
      `there is nobody else with the account "${request.account}"`,
    );
  }
  if (request.as === "support" && !hasRole(invited, "support"))
    throw new EndstationError("not-allowed", `"${request.account}" is not of the facility's support`);
  if (!(await mayHaveWhatIsInside(deps, invited, session))) {
    throw new EndstationError(
      "not-allowed",
      `"${request.account}" may not have the data and results of this session`,
      {
        next: "Ask the proposal's principal investigator to add her to the team first.",
      },
    );
  }
  const share: Share = {
    sessionId: id,
    ...request,
    by: (principal as Principal).account,
    at: deps.clock.now(),
  };
  await deps.sharing.addShare(share);
  return share;
}

export async function unshareSession(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
  account: string,
): Promise<void> {
  await findSession(deps, principal, "share", id);
  await deps.sharing.removeShare(id, account);
}
