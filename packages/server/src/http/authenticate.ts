import { type Clock, EndstationError, minute, type Principal } from "@endstation/core";
import type { FastifyRequest } from "fastify";
import type { Authenticate } from "./api.ts";
import { createRateLimit, type RateLimit } from "./rate-limit.ts";
import { demandSameOrigin } from "./same-origin.ts";

/** The cookie of a log-in in the browser. */
export const loginCookie = "__Host-endstation";

export interface AuthenticateDeps {
  readonly credentials: {
    findLogin(
      secret: string,
      now: number,
    ): Promise<{ readonly id: string; readonly principal: Principal } | null>;
    findToken(secret: string, now: number): Promise<Principal | null>;
  };
  readonly clock: Clock;
  /** The portal's origin as browsers see it, such as `https://analysis.example.org`. */
  readonly publicOrigin: string;
}

/**
 * Who a request comes from. A request with an `Authorization` header is judged by that alone: a wrong token is never made
 * good by a cookie.
 * @throws not-logged-in · too-many-requests · wrong-origin
 */
export function createAuthenticate(deps: AuthenticateDeps): Authenticate {
  const wrongTokens = createRateLimit({ most: 60, withinMs: minute, clock: deps.clock });
  return async (request) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) return byToken(deps, wrongTokens, request, authorization);
    const secret = request.cookies[loginCookie];
    if (secret === undefined) return null;
    demandSameOrigin(request, deps.publicOrigin);
    const found = await deps.credentials.findLogin(secret, deps.clock.now());
    return found === null ? null : { ...found.principal, login: found.id };
  };
}

async function byToken(
  { credentials, clock }: AuthenticateDeps,
  wrongTokens: RateLimit,
  request: FastifyRequest,
  authorization: string,
): Promise<Principal> {
  const token = /^Bearer +([\x21-\x7e]{1,500})$/i.exec(authorization)?.[1];
  const principal = token === undefined ? null : await credentials.findToken(token, clock.now());
  if (principal !== null) return principal;
  wrongTokens.count(request.ip, "requests with a wrong access token");
  throw new EndstationError("not-logged-in", "the access token is not valid: mistyped, expired or revoked");
}
