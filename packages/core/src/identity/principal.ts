/** A role in the whole facility, beside what a person is in a proposal. */
export type FacilityRole = "admin" | "support" | "instrument-scientist";

/** What a person is in a proposal. Any of them makes her a member of its team. */
export type MemberRole = "principal-investigator" | "member" | "local-contact";

/** What an access token may be used for. */
export type Scope = "read" | "sessions" | "admin";

export const scopes: readonly Scope[] = ["read", "sessions", "admin"];

/** Who asks: a logged-in person, or a token of hers. */
export interface Principal {
  /** The account name: unique, stable, what others type to share with her. */
  readonly account: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly FacilityRole[];
  /** Null for a log-in in the browser; the scopes of an access token otherwise. */
  readonly scopes: readonly Scope[] | null;
  /** The id of the log-in in a browser that she came by; not there for an access token. */
  readonly login?: string;
  /** The id of the access token that she came by; not there for a log-in. */
  readonly token?: string;
}

export function hasRole(principal: Principal, role: FacilityRole): boolean {
  return principal.roles.includes(role);
}
