import {
  authorizeAdmin,
  type Clock,
  demand,
  EndstationError,
  type Principal,
  type Scope,
  second,
} from "@endstation/core";
import { type Handlers, wireInstant } from "./handlers.ts";

interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
}

export interface TokensDeps {
  readonly tokens: {
    makeToken(
      request: {
        readonly account: string;
        readonly name: string;
        readonly scopes: readonly Scope[];
        readonly lifetimeMs: number;
      },
      now: number,
    ): Promise<{ readonly token: Token; readonly secret: string }>;
    listTokens(account: string, now: number): Promise<readonly Token[]>;
    revokeToken(account: string, id: string): Promise<boolean>;
  };
  readonly clock: Clock;
}

/** Access tokens are made, seen and revoked by their owner only. */
export function tokenHandlers({
  tokens,
  clock,
}: TokensDeps): Pick<Handlers, "listTokens" | "makeToken" | "revokeToken"> {
  return {
    listTokens: async ({ principal }) => {
      const found = await tokens.listTokens(principal.account, clock.now());
      return { items: found.map(wireToken), next: null };
    },
    makeToken: async ({ principal, body }) => {
      demandBrowser(principal);
      if (body.scopes.includes("admin")) demand(authorizeAdmin(principal));
      const { name, scopes, expiresInSeconds } = body;
      const request = { account: principal.account, name, scopes, lifetimeMs: expiresInSeconds * second };
      const { token, secret } = await tokens.makeToken(request, clock.now());
      return { ...wireToken(token), token: secret };
    },
    revokeToken: async ({ principal, params }) => {
      if (!(await tokens.revokeToken(principal.account, params.id)))
        throw new EndstationError("not-found", "there is no such access token among yours");
      return undefined;
    },
  };
}

/**
 * A token can make no other, nor approve a command line: one that leaks could otherwise outlive its revocation.
 * @throws not-allowed
 */
export function demandBrowser(principal: Principal): void {
  if (principal.scopes !== null)
    throw new EndstationError("not-allowed", "an access token cannot give access to others", {
      next: "Log in to the portal in a browser and do it there.",
    });
}

function wireToken({ id, name, scopes, createdAt, expiresAt, lastUsedAt }: Token) {
  return {
    id,
    name,
    scopes: [...scopes],
    createdAt: wireInstant(createdAt),
    expiresAt: wireInstant(expiresAt),
    lastUsedAt: wireInstant(lastUsedAt),
  };
}
