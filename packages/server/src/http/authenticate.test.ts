import assert from "node:assert/strict";
import { test } from "node:test";
import { hour, minute, second } from "@endstation/core";
import { type Browser, logIn } from "../testing/browser.ts";
import { type IdentityPortal, withIdentityPortal } from "./identity-testing.ts";

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the test looks at
  readonly body: any;
}

interface Ask {
  readonly method?: string;
  readonly token?: string;
  readonly browser?: Browser;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

async function ask({ url }: IdentityPortal, path: string, how: Ask = {}): Promise<Answer> {
  const { method = "GET", token, browser, body, headers = {} } = how;
  const cookies = [...(browser?.cookies(new URL(url).host) ?? [])].map(([name, value]) => `${name}=${value}`);
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(cookies.length > 0 ? { cookie: cookies.join("; "), origin: url } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, code: parsed?.code, body: parsed };
}

test("a change with the cookie must come from the portal's own pages", () =>
  withIdentityPortal(async (portal) => {
    const browser = await logIn(portal.url, "pi");
    const make = (headers: Record<string, string>) =>
      ask(portal, "/tokens", { method: "POST", browser, body: { name: "n" }, headers });
    for (const origin of [
      "https://evil.example",
      "null",
      `${portal.url}.evil.example`,
      "http://localhost:1",
      "",
    ]) {
      const refused = await make({ origin });
      assert.deepEqual([refused.status, refused.code], [403, "wrong-origin"], origin);
    }
    assert.equal((await make({ origin: portal.url })).status, 201);
    assert.equal(
      (await ask(portal, "/tokens", { browser, headers: { origin: "https://evil.example" } })).status,
      200,
    );
    assert.equal((await ask(portal, "/tokens", { browser })).body.items.length, 1);
  }));

test("without Origin, Sec-Fetch-Site decides; without either a change is refused", () =>
  withIdentityPortal(async (portal) => {
    const browser = await logIn(portal.url, "pi");
    const cookie = [...browser.cookies(new URL(portal.url).host)]
      .map(([name, value]) => `${name}=${value}`)
      .join("; ");
    const make = async (headers: Record<string, string>) =>
      (
        await fetch(`${portal.url}/api/v1/tokens`, {
          method: "POST",
          headers: { cookie, "content-type": "application/json", ...headers },
          body: '{"name":"n"}',
        })
      ).status;
    assert.equal(await make({}), 403);
    for (const site of ["cross-site", "same-site", "none"])
      assert.equal(await make({ "sec-fetch-site": site }), 403);
    assert.equal(await make({ "sec-fetch-site": "same-origin" }), 201);
  }));

test("a token works without a cookie, with its scopes; a wrong one is not made good by a cookie", () =>
  withIdentityPortal(async (portal) => {
    const browser = await logIn(portal.url, "pi");
    const made = await ask(portal, "/tokens", {
      method: "POST",
      browser,
      body: { name: "n", scopes: ["read"] },
    });
    const { token, id } = made.body;
    assert.equal((await ask(portal, "/me", { token })).body.account, "pi");
    const forbidden = await ask(portal, `/tokens/${id}`, { method: "DELETE", token });
    assert.deepEqual([forbidden.status, forbidden.code], [403, "scope-missing"]);
    for (const wrong of ["est_x", `${token}x`, "", "a b", "x".repeat(600)]) {
      const refused = await ask(portal, "/me", { token: wrong, browser });
      assert.deepEqual([refused.status, refused.code], [401, "not-logged-in"], wrong);
    }
    assert.equal(
      (await ask(portal, "/me", { browser, headers: { authorization: "Basic cGk6" } })).status,
      401,
    );
    portal.pass(91 * 24 * hour);
    assert.equal((await ask(portal, "/me", { token })).status, 401);
  }));

test("a token's secret is shown when it is made and never again", () =>
  withIdentityPortal(async (portal) => {
    const browser = await logIn(portal.url, "pi");
    const { body } = await ask(portal, "/tokens", { method: "POST", browser, body: { name: "n" } });
    assert.match(body.token, /^est_/);
    const listed = await ask(portal, "/tokens", { browser });
    assert.ok(!JSON.stringify(listed.body).includes(body.token));
    assert.deepEqual(Object.keys(listed.body.items[0]).sort(), [
      "createdAt",
      "expiresAt",
      "id",
      "lastUsedAt",
      "name",
      "scopes",
    ]);
  }));

test("somebody else's token is not found, and stays", () =>
  withIdentityPortal(async (portal) => {
    const [pi, other] = [await logIn(portal.url, "pi"), await logIn(portal.url, "other")];
    const { body } = await ask(portal, "/tokens", { method: "POST", browser: pi, body: { name: "n" } });
    const path = `/tokens/${body.id}`;
    assert.equal((await ask(portal, path, { method: "DELETE", browser: other })).status, 404);
    assert.equal((await ask(portal, "/tokens", { browser: other })).body.items.length, 0);
    assert.equal((await ask(portal, "/me", { token: body.token })).status, 200);
    assert.equal((await ask(portal, path, { method: "DELETE", browser: pi })).status, 204);
    assert.equal((await ask(portal, "/me", { token: body.token })).status, 401);
  }));

test("a token makes no token and approves no command line; the scope admin is for administrators", () =>
  withIdentityPortal(async (portal) => {
    const browser = await logIn(portal.url, "pi");
    const wide = { name: "n", scopes: ["read", "sessions"] };
    const { token } = (await ask(portal, "/tokens", { method: "POST", browser, body: wide })).body;
    const more = await ask(portal, "/tokens", { method: "POST", token, body: { name: "more" } });
    assert.deepEqual([more.status, more.code], [403, "not-allowed"]);
    const approval = { userCode: "BBBB-BBBB", approve: true };
    assert.equal(
      (await ask(portal, "/device/approve", { method: "POST", token, body: approval })).status,
      403,
    );
    const admin = { name: "n", scopes: ["admin"] };
    assert.equal((await ask(portal, "/tokens", { method: "POST", browser, body: admin })).status, 403);
    const adminBrowser = await logIn(portal.url, "admin");
    assert.equal(
      (await ask(portal, "/tokens", { method: "POST", browser: adminBrowser, body: admin })).status,
      201,
    );
  }));

test("a command line logs in by a code that a person types into the portal", () =>
  withIdentityPortal(async (portal) => {
    const begun = await ask(portal, "/device", { method: "POST", body: { name: "laptop" } });
    const { deviceCode, userCode, verificationUrl } = begun.body;
    assert.equal(verificationUrl, `${portal.url}/device`);
    const poll = () => ask(portal, "/device/poll", { method: "POST", body: { deviceCode } });
    assert.deepEqual((await poll()).body, { state: "waiting", token: null, account: null });
    assert.equal((await poll()).status, 429);
    const browser = await logIn(portal.url, "pi");
    const approve = (code: string) =>
      ask(portal, "/device/approve", { method: "POST", browser, body: { userCode: code, approve: true } });
    assert.equal((await approve("BBBB-BBBB")).status, 404);
    assert.equal((await approve(userCode)).status, 204);
    assert.equal((await approve(userCode)).status, 404);
    portal.pass(3 * second);
    const { body } = await poll();
    assert.deepEqual([body.state, body.account], ["approved", "pi"]);
    assert.equal((await ask(portal, "/me", { token: body.token })).body.account, "pi");
    portal.pass(3 * second);
    assert.equal((await poll()).body.state, "expired");
  }));

test("an empty body begins too, nobody approves without a log-in, and no command line gets the scope admin", () =>
  withIdentityPortal(async (portal) => {
    const begun = await ask(portal, "/device", { method: "POST" });
    assert.equal(begun.status, 200);
    const approval = { userCode: begun.body.userCode, approve: true };
    assert.equal((await ask(portal, "/device/approve", { method: "POST", body: approval })).status, 401);
    const admin = await ask(portal, "/device", { method: "POST", body: { scopes: ["admin"] } });
    assert.deepEqual([admin.status, admin.code], [400, "malformed-request"]);
  }));

test("guessing codes and tokens is braked, with Retry-After; a right token still works", () =>
  withIdentityPortal(async (portal) => {
    const browser = await logIn(portal.url, "pi");
    const guess = () =>
      ask(portal, "/device/approve", {
        method: "POST",
        browser,
        body: { userCode: "BBBB-BBBB", approve: true },
      });
    const codes = [];
    for (let n = 0; n < 21; n += 1) codes.push((await guess()).status);
    assert.deepEqual([codes[19], codes[20]], [404, 429]);
    portal.pass(10 * minute);
    assert.equal((await guess()).status, 404);
    const { token } = (await ask(portal, "/tokens", { method: "POST", browser, body: { name: "n" } })).body;
    let braked: Response | null = null;
    for (let n = 0; n < 62 && braked === null; n += 1) {
      const response = await fetch(`${portal.url}/api/v1/me`, {
        headers: { authorization: "Bearer est_wrong" },
      });
      await response.body?.cancel();
      if (response.status === 429) braked = response;
    }
    assert.ok(Number(braked?.headers.get("retry-after")) >= 1);
    assert.equal((await ask(portal, "/me", { token })).status, 200);
  }));
