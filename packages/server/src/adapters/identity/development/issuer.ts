import { generateKeyPairSync, randomBytes } from "node:crypto";
import { type Configuration, type FindAccount, type JWK, Provider } from "oidc-provider";
import type { DevelopmentAccount } from "./config.ts";
import { createMemory } from "./memory.ts";
import { failurePage } from "./page.ts";

export interface IssuerOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly callbackUrl: string;
  readonly accounts: readonly DevelopmentAccount[];
}

/** A real OpenID Connect issuer for one client, with keys of its own made at each start. */
export function createIssuer(options: IssuerOptions): Provider {
  return new Provider(options.issuer, {
    adapter: createMemory(),
    clients: [clientOf(options)],
    jwks: { keys: [newKey()] },
    cookies: {
      names: { session: "session", interaction: "interaction", resume: "resume" },
      keys: [randomBytes(32).toString("base64url")],
    },
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"], email: ["email"] },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
    findAccount: findAccount(options.accounts),
    interactions: { url: (_ctx, { uid }) => `${new URL(options.issuer).pathname}/interaction/${uid}` },
    loadExistingGrant: grantEverything,
    pkce: { required: () => true },
    ttl: {
      Interaction: 3600,
      Session: 3600,
      Grant: 3600,
      AuthorizationCode: 60,
      AccessToken: 300,
      IdToken: 300,
    },
    renderError: (ctx) => {
      ctx.type = "html";
      ctx.body = failurePage(
        "This log-in cannot go on",
        "It has expired or was ended. Start again from the portal.",
      );
    },
  });
}

function clientOf({ clientId, clientSecret, callbackUrl }: IssuerOptions) {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [callbackUrl],
    response_types: ["code" as const],
    grant_types: ["authorization_code"],
    id_token_signed_response_alg: "ES256" as const,
  };
}

function newKey(): JWK {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    ...privateKey.export({ format: "jwk" }),
    kid: randomBytes(8).toString("hex"),
    use: "sig",
    alg: "ES256",
  } as JWK;
}

function findAccount(accounts: readonly DevelopmentAccount[]): FindAccount {
  return async (_ctx, id) => {
    const found = accounts.find(({ account }) => account === id);
    if (found === undefined) return undefined;
    const { account, name, email, roles } = found;
    const claims = {
      sub: account,
      preferred_username: account,
      name,
      email: email ?? undefined,
      groups: roles,
    };
    return { accountId: account, claims: async () => claims };
  };
}

/** The portal is the only client, so there is nothing to consent to. */
const grantEverything: NonNullable<Configuration["loadExistingGrant"]> = async (ctx) => {
  const { client, session, provider } = ctx.oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope("openid profile email");
  await grant.save();
  return grant;
};
