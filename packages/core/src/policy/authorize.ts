import { allowed, type Decision, refuse } from "../errors.ts";
import { hasRole, type Principal, type Scope } from "../identity/principal.ts";
import type { ShareRole } from "../ports/session-store.ts";

/**
 * What a person is to a session. Without a share: `staff` is of the facility's support, `peer` of its proposal's team; both
 * know that it is there, and nothing of its inside.
 */
export type SessionRelation = "owner" | ShareRole | "admin" | "staff" | "peer" | "none";

export type SessionAction =
  | "see"
  | "look-inside"
  | "enter"
  | "read-log"
  | "stop"
  | "extend"
  | "rename"
  | "share"
  | "ask"
  | "read-audit";

/** What the policy needs to know of a session. */
export interface SessionFacts {
  readonly owner: string;
  readonly share: ShareRole | null;
  /** Whether she is of the team of the session's proposal. */
  readonly inTeam: boolean;
}

const may: Readonly<Record<SessionAction, readonly SessionRelation[]>> = {
  see: ["owner", "member", "viewer", "support", "admin", "staff", "peer"],
  "look-inside": ["owner", "member", "viewer", "support", "admin"],
  enter: ["owner", "member", "viewer", "support"],
  "read-log": ["owner", "member", "support", "admin"],
  stop: ["owner", "admin"],
  extend: ["owner"],
  rename: ["owner"],
  share: ["owner"],
  ask: ["viewer", "admin", "staff", "peer"],
  "read-audit": ["owner", "support", "admin", "staff"],
};

const onlyReads: ReadonlySet<SessionAction> = new Set(["see", "look-inside", "read-log", "read-audit"]);

/** The first of what she is to it: as that she enters, and is shown to others. */
export function relationTo(principal: Principal, session: SessionFacts): SessionRelation {
  return relationsTo(principal, session)[0] ?? "none";
}

/** Somebody may be several things to a session: what one of them may, she may. */
function relationsTo(principal: Principal, session: SessionFacts): readonly SessionRelation[] {
  if (session.owner === principal.account) return ["owner"];
  return [
    ...(session.share === null ? [] : [session.share]),
    ...(hasRole(principal, "admin") ? (["admin"] as const) : []),
    ...(hasRole(principal, "support") ? (["staff"] as const) : []),
    ...(session.inTeam ? (["peer"] as const) : []),
  ];
}

/** The way in that a relation has: owner, members and support go by one, each viewer by her own; null: there is none. */
export function wayOf(relation: SessionRelation, account: string): string | null {
  if (relation === "viewer") return `viewer:${account}`;
  return relation === "owner" || relation === "member" || relation === "support" ? "session" : null;
}

/** Whether a person may do something with a session. What she may not even see is "not found". */
export function authorizeSession(
  principal: Principal | null,
  action: SessionAction,
  session: SessionFacts,
): Decision {
  if (principal === null) return refuse("not-logged-in", "this needs a logged-in person");
  const scoped = authorizeScope(principal, onlyReads.has(action) ? "read" : "sessions");
  if (!scoped.allowed) return scoped;
  const relations = relationsTo(principal, session);
  if (relations.length === 0) return refuse("not-found", "there is no such session among yours");
  if (relations.some((relation) => may[action].includes(relation))) return allowed;
  return refuse("not-allowed", `a session of ${session.owner}: this is for its ${may[action].join(", ")}`);
}

/** Whether the access token she came with, if any, covers this. */
export function authorizeScope(principal: Principal | null, scope: Scope): Decision {
  if (principal === null) return refuse("not-logged-in", "this needs a logged-in person");
  if (
    principal.scopes === null ||
    principal.scopes.includes(scope) ||
    (scope === "read" && principal.scopes.length > 0)
  )
    return allowed;
  return refuse("scope-missing", `this needs an access token with the scope "${scope}"`);
}

/** Whether she may see what only the facility's administrators see. */
export function authorizeAdmin(principal: Principal | null): Decision {
  const scoped = authorizeScope(principal, "admin");
  if (!scoped.allowed) return scoped;
  return principal !== null && hasRole(principal, "admin")
    ? allowed
    : refuse("not-allowed", "this is for administrators of the facility");
}
