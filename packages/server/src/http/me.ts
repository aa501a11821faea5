import { EndstationError, type FacilityRole } from "@endstation/core";
import type { Handlers } from "./handlers.ts";

export interface MeDeps {
  person(account: string): Promise<{
    readonly id: string;
    readonly account: string;
    readonly name: string;
    readonly email: string | null;
    readonly roles: readonly FacilityRole[];
    readonly identities: readonly { readonly issuer: string; readonly subject: string }[];
  } | null>;
}

export function meHandlers({ person }: MeDeps): Pick<Handlers, "me"> {
  return {
    me: async ({ principal }) => {
      const found = await person(principal.account);
      if (found === null) throw new EndstationError("not-logged-in", "this account is no longer there");
      const { roles, identities, ...rest } = found;
      return {
        ...rest,
        roles: [...roles],
        identities: identities.map(({ issuer, subject }) => ({ issuer, subject })),
      };
    },
  };
}
