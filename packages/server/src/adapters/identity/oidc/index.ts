import type { CancelSignal, Identity, IdentityProvider, LoginBegun } from "@endstation/core";
import { Rejected } from "@endstation/core";
import * as oidc from "openid-client";
import { type Claims, identityFrom } from "./claims.ts";
import { asking, createIssuerClient, type IssuerClient } from "./client.ts";
import type { OidcConfig } from "./config.ts";

export { type OidcConfig, oidcConfig } from "./config.ts";

/** The configuration, with the secret read from its file. */
export interface OidcOptions extends Omit<OidcConfig, "clientSecretFile"> {
  readonly clientSecret: string | null;
  /** The name under which identities are kept, where that is not the issuer's address. */
  readonly knownAs?: string;
}

/**
 * People log in at any OpenID Connect issuer: authorization code with PKCE, `state`, `nonce` and the check of `iss`.
 * Tokens of the issuer never leave the server, and are not kept.
 */
export function createOidcProvider(options: OidcOptions): IdentityProvider {
  const client = createIssuerClient(options);
  return {
    begin: (callbackUrl, signal) =>
      asking("beginning the log-in", signal, () => begin(client, options, callbackUrl)),
    complete: (callbackUrl, kept, signal) => complete(client, options, callbackUrl, kept, signal),
    end: (returnTo) => end(client, options, returnTo),
  };
}

async function begin(client: IssuerClient, options: OidcOptions, callbackUrl: string): Promise<LoginBegun> {
  const configuration = await client.configuration();
  const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
  const redirectTo = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: callbackUrl,
    scope: [...new Set(["openid", ...options.scopes])].join(" "),
    response_type: "code",
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  return { redirectTo: redirectTo.href, state, kept: { state, nonce, verifier } };
}

async function complete(
  client: IssuerClient,
  options: OidcOptions,
  callbackUrl: string,
  kept: Readonly<Record<string, string>>,
  signal: CancelSignal,
): Promise<Identity> {
  const { state, nonce, verifier } = kept;
  if (state === undefined || nonce === undefined || verifier === undefined)
    throw new Rejected("login-failed", "what was kept of the log-in is incomplete");
  const claims = await asking("completing the log-in", signal, async () => {
    const configuration = await client.configuration();
    const tokens = await oidc.authorizationCodeGrant(configuration, new URL(callbackUrl), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    return allClaims(configuration, tokens);
  });
  const identity = identityFrom(claims, options);
  return options.knownAs === undefined ? identity : { ...identity, issuer: options.knownAs };
}

type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>;

/** The ID token's claims, and the userinfo endpoint's where there is one; `iss` and `sub` always the ID token's. */
async function allClaims(configuration: oidc.Configuration, tokens: Tokens): Promise<Claims> {
  const verified = tokens.claims();
  if (verified === undefined) throw new Rejected("login-failed", "the identity provider gave no ID token");
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return verified;
  const said = await oidc.fetchUserInfo(configuration, tokens.access_token, verified.sub);
  return { ...verified, ...said, iss: verified.iss, sub: verified.sub };
}

async function end(
  client: IssuerClient,
  { clientId }: OidcOptions,
  returnTo: string,
): Promise<string | null> {
  const configuration = await client.configuration().catch(() => null);
  if (configuration?.serverMetadata().end_session_endpoint === undefined) return null;
  const parameters = { client_id: clientId, post_logout_redirect_uri: returnTo };
  return oidc.buildEndSessionUrl(configuration, parameters).href;
}
