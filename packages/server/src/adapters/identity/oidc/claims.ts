import { type FacilityRole, type Identity, Rejected } from "@endstation/core";
import type { OidcConfig } from "./config.ts";

/** What a verified ID token and the userinfo endpoint said of a person. */
export type Claims = Readonly<Record<string, unknown>> & { readonly iss: string; readonly sub: string };

const accountPattern = /^[a-z0-9][a-z0-9._@+-]{0,99}$/;

/**
 * Turns claims into an identity. Account names are lower case: two that differ only in case are one.
 * @throws Rejected login-failed when there is no usable account name.
 */
export function identityFrom(claims: Claims, config: Pick<OidcConfig, "claims" | "roles">): Identity {
  const account = firstText(claims, config.claims.account)?.toLowerCase() ?? "";
  if (!accountPattern.test(account))
    throw new Rejected(
      "login-failed",
      `the identity provider gave no usable account name (looked at ${config.claims.account.join(", ")})`,
    );
  return {
    issuer: claims.iss,
    subject: claims.sub,
    account,
    name: (firstText(claims, config.claims.name) ?? account).slice(0, 200),
    email: firstText(claims, config.claims.email),
    roles: rolesFrom(groupsOf(claims, config.claims.groups), config.roles),
  };
}

function rolesFrom(groups: readonly string[], roles: OidcConfig["roles"]): FacilityRole[] {
  const found = Object.entries(roles).filter(([, wanted]) => wanted.some((group) => groups.includes(group)));
  return found.map(([role]) => role as FacilityRole);
}

function firstText(claims: Claims, names: readonly string[]): string | null {
  for (const name of names) {
    const value = claims[name];
    if (typeof value === "string" && value.trim() !== "") return withoutControls(value).trim();
  }
  return null;
}

/** Groups come as a list, or as one text. */
function groupsOf(claims: Claims, names: readonly string[]): string[] {
  const values = names.map((name) => claims[name]).find((value) => value !== undefined);
  if (typeof values === "string") return [values];
  return Array.isArray(values) ? values.filter((value) => typeof value === "string") : [];
}

function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "");
}
