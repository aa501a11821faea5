import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An OpenID Connect issuer that logs in whoever is said to be at the browser, and can be told to mix things up. */
export interface Issuer {
  readonly url: string;
  readonly clientId: string;
  /** Who logs in next. */
  account: string;
  /** Changes the claims of the next ID tokens. */
  spoil: (claims: Record<string, unknown>) => Record<string, unknown>;
  /** What was asked of it, newest last. */
  readonly asked: URLSearchParams[];
  close(): Promise<void>;
}

interface Grant {
  readonly account: string;
  readonly nonce: string;
  readonly challenge: string;
}

const clientId = "portal";

export async function startIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const grants = new Map<string, Grant>();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: Issuer = {
    ...{ url, clientId, account: "pi", spoil: (claims) => claims, asked: [] },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", url);
    if (pathname === "/authorize") return authorize(searchParams, response);
    if (pathname === "/token") return exchange(new URLSearchParams(await bodyOf(request)), response);
    if (pathname === "/keys")
      return json(response, { keys: [{ ...publicKey.export({ format: "jwk" }), alg: "ES256", use: "sig" }] });
    return json(response, discovery(url));
  }

  function authorize(asked: URLSearchParams, response: ServerResponse): void {
    issuer.asked.push(asked);
    const code = randomBytes(16).toString("base64url");
    const of = (name: string) => asked.get(name) ?? "";
    grants.set(code, { account: issuer.account, nonce: of("nonce"), challenge: of("code_challenge") });
    const back = new URL(of("redirect_uri"));
    back.search = new URLSearchParams({ code, state: of("state"), iss: url }).toString();
    response.writeHead(302, { location: back.href }).end();
  }

  function exchange(asked: URLSearchParams, response: ServerResponse): void {
    const grant = grants.get(asked.get("code") ?? "");
    grants.delete(asked.get("code") ?? "");
    const proven = createHash("sha256")
      .update(asked.get("code_verifier") ?? "")
      .digest("base64url");
    if (grant === undefined || proven !== grant.challenge)
      return void json(response, { error: "invalid_grant" }, 400);
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: url, aud: clientId, iat: now, exp: now + 60, nonce: grant.nonce };
    const person = { sub: grant.account, preferred_username: grant.account, name: grant.account };
    const id_token = signed(issuer.spoil({ ...claims, ...person }));
    json(response, { access_token: "unused", token_type: "Bearer", expires_in: 60, id_token });
  }

  function signed(claims: object): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "ES256", typ: "JWT" })}.${part(claims)}`;
    const signature = sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
    return `${text}.${signature.toString("base64url")}`;
  }
  return issuer;
}

function discovery(url: string): object {
  return {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/keys`,
    authorization_response_iss_parameter_supported: true,
    id_token_signing_alg_values_supported: ["ES256"],
    code_challenge_methods_supported: ["S256"],
  };
}

function json(response: ServerResponse, value: object, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}
