import type { Hint } from "@endstation/api";
import {
  type AccessDeps,
  authorizeSession,
  type FindDeps,
  factsOf,
  type Principal,
  readerOf,
} from "@endstation/core";

export type VisibleHintsDeps = AccessDeps & FindDeps;

/** Whether a person may know that something changed: asked for each hint when it is delivered. */
export function hintsFor(deps: VisibleHintsDeps): (principal: Principal, hint: Hint) => Promise<boolean> {
  return async (principal, { resource, id }) => {
    const reader = readerOf(principal, deps.policy, deps.clock.now());
    switch (resource) {
      case "session":
        return seesSession(deps, principal, id, "see");
      case "dataset":
        return (await deps.index.datasetsById(reader, [id])).length > 0;
      case "presence":
        return seesSession(deps, principal, id, "look-inside");
      case "notice":
      case "access":
        return id === principal.account;
      case "proposal":
        return (await deps.index.proposal(reader, id)) !== null;
    }
  };
}

async function seesSession(
  deps: AccessDeps,
  principal: Principal,
  id: string,
  action: "see" | "look-inside",
): Promise<boolean> {
  const session = await deps.store.get(id);
  if (session === null) return false;
  return authorizeSession(principal, action, await factsOf(deps, principal, session)).allowed;
}
