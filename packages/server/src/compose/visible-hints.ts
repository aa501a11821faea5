import type { Hint } from "@endstation/api";
import { authorizeSession, factsOf, type AccessDeps, type Principal } from "@endstation/core";

export interface VisibleHintsDeps extends AccessDeps {
  /** The datasets of these that she may know of. */
  readonly seesDataset: (principal: Principal, id: string) => Promise<boolean>;
  readonly seesProposal: (principal: Principal, id: string) => Promise<boolean>;
}

/** Whether a person may know that something changed: asked for each hint when it is delivered. */
export function hintsFor(deps: VisibleHintsDeps): (principal: Principal, hint: Hint) => Promise<boolean> {
  return async (principal, { resource, id }) => {
    switch (resource) {
      case "session":
        return seesSession(deps, principal, id);
      case "dataset":
        return deps.seesDataset(principal, id);
      case "proposal":
        return deps.seesProposal(principal, id);
      case "token":
        return id === principal.account;
    }
  };
}

async function seesSession(deps: AccessDeps, principal: Principal, id: string): Promise<boolean> {
  const session = await deps.store.get(id);
  if (session === null) return false;
  return authorizeSession(principal, "see", await factsOf(deps, principal, session)).allowed;
}
