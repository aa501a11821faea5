import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { type IdentityFixture, identityProviderCases } from "@endstation/core/testing";
import { type JWK, Provider } from "oidc-provider";
import { Browser } from "../../../testing/browser.ts";
import { createMemory } from "../development/memory.ts";
import { withServer } from "../identity-testing.ts";
import { createOidcProvider, oidcConfig } from "./index.ts";

const callbackUrl = "https://portal.example.org/auth/callback";
const clientSecret = "a-secret-of-the-test-that-opens-nothing-else";
const rsaKey = {
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
  use: "sig",
};
const never = new AbortController().signal;

/** A facility's issuer as it may be: its own names for claims, groups, a confidential client, a page to log out. */
function facilityIssuer(origin: string): Provider {
  return new Provider(origin, {
    clients: [
      {
        client_id: "portal",
        client_secret: clientSecret,
        redirect_uris: [callbackUrl],
        post_logout_redirect_uris: ["https://portal.example.org/"],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    claims: {
      openid: ["sub"],
      profile: ["uid", "display_name"],
      mail: ["mail"],
      memberships: ["memberships"],
    },
    features: { devInteractions: { enabled: false } },
    adapter: createMemory(),
    jwks: { keys: [rsaKey as JWK] },
    ttl: { Interaction: 60, Session: 60, Grant: 60, AccessToken: 60, IdToken: 60, AuthorizationCode: 60 },
    cookies: { keys: ["a-key-of-the-test"] },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: async () => ({
        sub: id,
        uid: id.toUpperCase(),
        display_name: `The person ${id}`,
        mail: `${id}@example.org`,
        memberships: id === "pi" ? ["staff", "portal-admins"] : ["users"],
      }),
    }),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client?.clientId ?? "",
        accountId: ctx.oidc.session?.accountId ?? "",
      });
      grant.addOIDCScope("openid profile mail memberships");
      await grant.save();
      return grant;
    },
  });
}

async function withFacility(run: (fixture: IdentityFixture) => Promise<void>): Promise<void> {
  await withServer(async (server, origin) => {
    const issuer = facilityIssuer(origin);
    const answer = issuer.callback();
    server.on("request", (request, response) => void serve(issuer, answer, request, response));
    const config = oidcConfig.parse({
      issuer: origin,
      clientId: "portal",
      scopes: ["openid", "profile", "mail", "memberships"],
      claims: {
        account: ["missing", "uid"],
        name: ["display_name"],
        email: ["mail"],
        groups: ["memberships"],
      },
      roles: { admin: ["portal-admins"], support: ["helpdesk"] },
    });
    const go = async (redirectTo: string, account: string) =>
      (
        await new Browser().go(redirectTo, {
          headers: { "x-log-in-as": account },
          stopBefore: (url) => url.startsWith(callbackUrl),
        })
      ).url;
    const provider = createOidcProvider({ ...config, clientSecret });
    await run({ provider, callbackUrl, accounts: ["pi", "other"], logIn: go, refuse: (to) => go(to, "") });
  });
}

/** Interactions end at once: who logs in is said by a header. */
async function serve(
  issuer: Provider,
  answer: ReturnType<Provider["callback"]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!request.url?.startsWith("/interaction/")) return answer(request, response);
  const account = String(request.headers["x-log-in-as"] ?? "");
  const result = account === "" ? { error: "access_denied" } : { login: { accountId: account } };
  await issuer.interactionFinished(request, response, result);
}

for (const { name, run } of identityProviderCases) test(`oidc: ${name}`, () => withFacility(run));

test("R1 claims are mapped as configured: account in lower case, roles from groups", async () => {
  await withFacility(async ({ provider, logIn }) => {
    const logInAs = async (account: string) => {
      const begun = await provider.begin(callbackUrl, never);
      return provider.complete(await logIn(begun.redirectTo, account), begun.kept, never);
    };
    const pi = await logInAs("pi");
    assert.deepEqual(
      { ...pi, issuer: null },
      {
        issuer: null,
        subject: "pi",
        account: "pi",
        name: "The person pi",
        email: "pi@example.org",
        roles: ["admin"],
      },
    );
    assert.deepEqual((await logInAs("other")).roles, []);
  });
});

test("logging out leads to the issuer's own page, without a token in the address", async () => {
  await withFacility(async ({ provider }) => {
    const address = await provider.end?.("https://portal.example.org/");
    assert.match(address ?? "", /\/session\/end\?/);
    assert.doesNotMatch(address ?? "", /token/);
  });
});
