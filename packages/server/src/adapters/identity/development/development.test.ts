import assert from "node:assert/strict";
import { request as send } from "node:http";
import { test } from "node:test";
import { EndstationError } from "@endstation/core";
import { Browser, choose } from "../../../testing/browser.ts";
import { someAccounts, withServer } from "../identity-testing.ts";
import { developmentIdentity } from "../registry.ts";
import { inward, outward } from "./cookies.ts";
import { type Arrival, createDevelopmentIssuer, whyNotDirect } from "./index.ts";

const never = new AbortController().signal;

async function withIssuer(
  run: (origin: string, loginAddress: () => Promise<string>) => Promise<void>,
): Promise<void> {
  await withServer(async (server, origin) => {
    const { provider, mounts } = developmentIdentity(origin, someAccounts);
    server.on("request", (request, response) => mounts[0]?.handle(request, response));
    await run(origin, async () => (await provider.begin(`${origin}/auth/callback`, never)).redirectTo);
  });
}

/** With any header, `Host` included, which `fetch` does not allow. */
function ask(address: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = send(address, { headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

const straight: Arrival = {
  headers: { host: "localhost:8080" },
  httpVersion: "1.1",
  remoteAddress: "127.0.0.1",
};

test("the guard lets pass what comes straight from this machine", () => {
  for (const host of ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:8080"])
    assert.equal(whyNotDirect({ ...straight, headers: { host } }, 8080), null, host);
  for (const remoteAddress of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
    assert.equal(whyNotDirect({ ...straight, remoteAddress }, 8080), null, remoteAddress);
  assert.equal(whyNotDirect({ ...straight, headers: { host: "localhost" } }, 80), null);
});

test("the guard refuses what a reverse proxy sends on", () => {
  const headers = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-anything",
    "x-real-ip",
    "via",
    "x-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "x-envoy-external-address",
    "x-original-uri",
  ];
  for (const name of headers)
    assert.match(
      whyNotDirect({ ...straight, headers: { ...straight.headers, [name]: "1" } }, 8080) ?? "",
      new RegExp(name),
    );
  const hosts = [
    "portal.example.org",
    "localhost",
    "localhost:80",
    "localhost.example.org:8080",
    "127.0.0.2:8080",
    "",
  ];
  for (const host of hosts)
    assert.notEqual(whyNotDirect({ ...straight, headers: { host } }, 8080), null, host);
  assert.notEqual(whyNotDirect({ ...straight, headers: {} }, 8080), null);
  assert.notEqual(whyNotDirect({ ...straight, httpVersion: "1.0" }, 8080), null);
  for (const remoteAddress of ["192.0.2.1", "::2", "::ffff:192.0.2.1", undefined])
    assert.notEqual(whyNotDirect({ ...straight, remoteAddress }, 8080), null, remoteAddress);
});

test("every address of the development issuer is refused with a forwarding header or another Host", async () => {
  await withIssuer(async (origin, loginAddress) => {
    const addresses = [
      `${origin}/development-issuer/.well-known/openid-configuration`,
      `${origin}/development-issuer/jwks`,
      `${origin}/development-issuer/token`,
      `${origin}/development-issuer/interaction/x`,
      await loginAddress(),
    ];
    for (const address of addresses) {
      const { host } = new URL(address);
      const forwarded = await ask(address, { host, "X-Forwarded-For": "192.0.2.1" });
      const elsewhere = await ask(address, { host: "portal.example.org" });
      assert.deepEqual([forwarded.status, elsewhere.status], [403, 403], address);
      assert.doesNotMatch(forwarded.text + elsewhere.text, /name="account"/);
    }
  });
});

test("the development issuer does not exist for a public address", () => {
  for (const publicUrl of [
    "https://portal.example.org",
    "http://192.0.2.1:8080",
    "http://localhost.example.org",
  ])
    assert.throws(
      () => createDevelopmentIssuer({ publicUrl, accounts: [...someAccounts] }),
      (error) => error instanceof EndstationError && error.code === "development-only",
    );
});

test("the log-in page lists each account with what it may see, as text", async () => {
  await withIssuer(async (_origin, loginAddress) => {
    const page = await new Browser().go(await loginAddress());
    assert.equal(page.status, 200);
    for (const { account, name } of someAccounts)
      assert.match(page.text, new RegExp(`value="${account}">\\s*<strong>${name}`));
    assert.match(page.text, /a &lt;b&gt;bold&lt;\/b&gt; experiment/);
    assert.match(page.text, /<html lang="en">[\s\S]*<main>[\s\S]*<h1>/);
    assert.equal(page.headers.get("referrer-policy"), "same-origin");
  });
});

test("a choice is refused from another site, from another browser, for an unknown account, and a second time", async () => {
  await withIssuer(async (origin, loginAddress) => {
    const browser = new Browser();
    const stopBefore = (url: string) => url.startsWith(`${origin}/auth/callback`);
    const page = await browser.go(await loginAddress());
    const foreign = await choose(browser, page, "pi", { headers: { origin: "https://evil.example" } });
    assert.equal(foreign.status, 403);
    const nowhere = await choose(browser, page, "pi", { headers: { origin: "null" } });
    assert.equal(nowhere.status, 403);
    assert.equal((await choose(new Browser(), page, "pi")).status, 400);
    const unknown = await choose(browser, page, "root", { stopBefore });
    assert.match(unknown.url, /error=access_denied/);
    assert.equal((await choose(browser, page, "pi")).status, 400);
  });
});

test("two log-ins side by side in one browser do not disturb each other", async () => {
  await withIssuer(async (origin, loginAddress) => {
    const browser = new Browser();
    const stopBefore = (url: string) => url.startsWith(`${origin}/auth/callback`);
    const pages = [await browser.go(await loginAddress()), await browser.go(await loginAddress())];
    for (const page of pages)
      assert.match((await choose(browser, page, "pi", { stopBefore })).url, /[?&]code=/);
  });
});

test("each log-in asks who it is, and every cookie is __Host-", async () => {
  await withIssuer(async (origin, loginAddress) => {
    const browser = new Browser();
    const stopBefore = (url: string) => url.startsWith(`${origin}/auth/callback`);
    await choose(browser, await browser.go(await loginAddress()), "pi", { stopBefore });
    const again = await browser.go(await loginAddress());
    assert.match(again.text, /name="account"/);
    for (const cookie of again.headers.getSetCookie()) {
      assert.match(cookie, /^__Host-/);
      assert.match(cookie, /; Path=\/; Secure; HttpOnly; SameSite=Lax/);
      assert.doesNotMatch(cookie, /domain=/i);
    }
  });
});

test("cookies are renamed by their path, and only those of an address go in", () => {
  const set =
    "interaction=abc; path=/development-issuer/interaction/u-1_2; expires=Fri, 02 Jan 2032 00:00:00 GMT; httponly";
  const kept = "__Host-development-interaction-u-1_2=abc";
  assert.match(outward(set) ?? "", new RegExp(`^${kept}; Path=/; Secure; .*expires=Fri, 02 Jan 2032`));
  assert.equal(outward("session=abc; path=/; httponly"), null);
  const header = `${kept}; __Host-development-resume-other=x; __Host-endstation=secret`;
  assert.equal(inward(header, "/development-issuer/interaction/u-1_2/login?a=b"), "interaction=abc");
  assert.equal(inward(header, "/development-issuer/auth"), "");
});

test("an issuer with addresses nobody knows answers with a page, not with a stack", async () => {
  await withIssuer(async (origin) => {
    for (const path of [
      "/nothing",
      "/auth",
      "/auth?client_id=x",
      "/interaction/x",
      "/%00",
      "/auth/unknown",
    ]) {
      const page = await new Browser().go(`${origin}/development-issuer${path}`);
      assert.ok(page.status >= 400 && page.status < 500, `${path}: ${page.status}`);
      assert.doesNotMatch(page.text, /at .*\.(js|ts):\d+/);
    }
  });
});
