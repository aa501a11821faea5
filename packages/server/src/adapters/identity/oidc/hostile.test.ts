import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { type IdentityProvider, Rejected, Unavailable } from "@endstation/core";
import { withServer } from "../identity-testing.ts";
import { createOidcProvider, oidcConfig } from "./index.ts";

const callbackUrl = "https://portal.example.org/auth/callback";
const never = new AbortController().signal;
const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
const foreign = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** How an issuer lies. Absent: it tells the truth. */
interface Lie {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: KeyObject;
  readonly tokens?: (tokens: Record<string, unknown>) => unknown;
  readonly userinfo?: Record<string, unknown>;
  readonly discovery?: Record<string, unknown>;
  readonly callback?: Record<string, string>;
  readonly tokenStatus?: number;
}

async function logInAt(lie: Lie): Promise<Awaited<ReturnType<IdentityProvider["complete"]>>> {
  let identity: Awaited<ReturnType<IdentityProvider["complete"]>> | undefined;
  await withServer(async (server, origin) => {
    let nonce = "";
    server.on("request", (request, response) =>
      answer(lie, origin, () => nonce, request.url ?? "", response),
    );
    const config = oidcConfig.parse({ issuer: origin, clientId: "portal" });
    const provider = createOidcProvider({ ...config, clientSecret: null });
    const begun = await provider.begin(callbackUrl, never);
    nonce = new URL(begun.redirectTo).searchParams.get("nonce") ?? "";
    const back = new URL(callbackUrl);
    const parameters = { code: "a-code", state: begun.state, iss: origin, ...lie.callback };
    for (const [name, value] of Object.entries(parameters)) back.searchParams.set(name, value);
    identity = await provider.complete(back.href, begun.kept, never);
  });
  assert.ok(identity);
  return identity;
}

function answer(lie: Lie, origin: string, nonce: () => string, url: string, response: ServerResponse): void {
  const [status, body] = wordsOf(lie, origin, nonce(), url);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function wordsOf(lie: Lie, origin: string, nonce: string, url: string): [status: number, body: unknown] {
  if (url.startsWith("/.well-known/")) return [200, { ...discovery(origin), ...lie.discovery }];
  if (url === "/jwks") {
    const key = own.publicKey.export({ format: "jwk" });
    return [200, { keys: [{ ...key, kid: "k", use: "sig", alg: "ES256" }] }];
  }
  if (url === "/userinfo") return [200, { sub: "s", preferred_username: "pi", name: "P I", ...lie.userinfo }];
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: origin, aud: "portal", sub: "s", iat: now, exp: now + 60, nonce, ...lie.claims };
  const tokens = { access_token: "a", token_type: "bearer", id_token: signed(claims, lie) };
  return [lie.tokenStatus ?? 200, lie.tokens?.(tokens) ?? tokens];
}

function discovery(origin: string) {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    userinfo_endpoint: `${origin}/userinfo`,
    jwks_uri: `${origin}/jwks`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
    authorization_response_iss_parameter_supported: true,
  };
}

function signed(claims: Record<string, unknown>, { header, key = own.privateKey }: Lie): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ alg: "ES256", kid: "k", ...header })}.${encode(claims)}`;
  const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

const past = Math.floor(Date.now() / 1000) - 3600;
const otherIssuer = "https://other.example";

const lies: Readonly<Record<string, Lie>> = {
  "an ID token of another issuer": { claims: { iss: otherIssuer } },
  "an ID token for another client": { claims: { aud: "another" } },
  "an ID token of another log-in": { claims: { nonce: "another" } },
  "an ID token without nonce": { claims: { nonce: undefined } },
  "an expired ID token": { claims: { exp: past, iat: past - 60 } },
  "an ID token without subject": { claims: { sub: undefined } },
  "an ID token that is not signed": { header: { alg: "none" } },
  "an ID token with a key of its own": { key: foreign.privateKey },
  "an ID token with another algorithm": { header: { alg: "HS256" } },
  "no ID token": { tokens: ({ id_token: _, ...rest }) => rest },
  "userinfo of another person": { userinfo: { sub: "somebody-else" } },
  "an answer that names another issuer (mix-up)": { callback: { iss: otherIssuer } },
  "an answer with another state": { callback: { state: "another" } },
  "an account name with a path": { userinfo: { preferred_username: "../../root" } },
  "an empty account name": { userinfo: { preferred_username: " " } },
  "an account name that is no text": { userinfo: { preferred_username: { toString: "x" } } },
};

test("R1 an issuer that tells the truth is believed", async () => {
  const { account, subject, name } = await logInAt({});
  assert.deepEqual([account, subject, name], ["pi", "s", "P I"]);
});

test("userinfo cannot say who the ID token is about", async () => {
  const { issuer } = await logInAt({ userinfo: { iss: otherIssuer } });
  assert.notEqual(issuer, otherIssuer);
});

for (const [what, lie] of Object.entries(lies))
  test(`refused as login-failed: ${what}`, async () => {
    await assert.rejects(
      logInAt(lie),
      (error) => error instanceof Rejected && error.refusal.code === "login-failed",
    );
  });

test("an issuer whose discovery names another issuer is not used", async () => {
  await assert.rejects(logInAt({ discovery: { issuer: otherIssuer } }), Rejected);
});

test("an issuer that fails or is not there is unavailable, and is asked again later", async () => {
  await assert.rejects(logInAt({ tokenStatus: 503 }), Unavailable);
  const config = oidcConfig.parse({ issuer: "http://127.0.0.1:9", clientId: "portal" });
  const provider = createOidcProvider({ ...config, clientSecret: null });
  await assert.rejects(provider.begin(callbackUrl, never), Unavailable);
  await assert.rejects(provider.begin(callbackUrl, never), Unavailable);
  assert.equal(await provider.end?.("https://portal.example.org/"), null);
});

test("plain http is for the loopback address only", () => {
  for (const issuer of [
    "http://issuer.example.org",
    "ftp://issuer.example.org",
    "https://i.example/?a=b",
    "not a url",
  ])
    assert.equal(oidcConfig.safeParse({ issuer, clientId: "portal" }).success, false, issuer);
  for (const issuer of [
    "https://issuer.example.org/realms/x",
    "http://localhost:8081/x",
    "http://[::1]:8081",
  ])
    assert.equal(oidcConfig.safeParse({ issuer, clientId: "portal" }).success, true, issuer);
});
