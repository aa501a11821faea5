import assert from "node:assert/strict";
import { request as send } from "node:http";
import { test } from "node:test";
import { hour } from "@endstation/core";
import { Browser, choose, logIn } from "../testing/browser.ts";
import { type IdentityPortal, withIdentityPortal } from "./identity-testing.ts";
import { safeReturnTo } from "./return-to.ts";

const cookieName = "__Host-endstation";

async function whoAmI({ url }: IdentityPortal, browser: Browser): Promise<string> {
  const { status, text } = await browser.go(`${url}/api/v1/me`);
  return status === 200 ? (JSON.parse(text) as { account: string }).account : String(status);
}

/** The address the issuer sends the browser back to, not yet visited. */
async function comeBack(
  portal: IdentityPortal,
  browser: Browser,
  account: string,
  returnTo = "/",
): Promise<string> {
  const page = await browser.go(`${portal.url}/auth/login?returnTo=${encodeURIComponent(returnTo)}`);
  const stopBefore = (url: string) => url.startsWith(`${portal.url}/auth/callback`);
  return (await choose(browser, page, account, { stopBefore })).url;
}

const cookieOf = ({ url }: IdentityPortal, browser: Browser) =>
  browser.cookies(new URL(url).host).get(cookieName);

test("R1 R23 a person logs in, comes back to where she was, and is known", () =>
  withIdentityPortal(async (portal) => {
    const browser = new Browser();
    const page = await browser.go(
      `${portal.url}/auth/login?returnTo=${encodeURIComponent("/sessions?a=b#c")}`,
    );
    const back = await choose(browser, page, "pi", { stopBefore: (url) => url.includes("/sessions") });
    assert.equal(back.url, `${portal.url}/sessions?a=b#c`);
    const me = JSON.parse((await browser.go(`${portal.url}/api/v1/me`)).text);
    assert.deepEqual([me.account, me.name, me.email], ["pi", "Principal investigator", "pi@example.org"]);
    assert.deepEqual(me.identities, [{ issuer: "urn:endstation:development", subject: "pi" }]);
    assert.equal(await whoAmI(portal, new Browser()), "401");
  }));

test("the log-in cookie is __Host-, Secure, HttpOnly, SameSite=Lax, and only its digest is stored", () =>
  withIdentityPortal(async (portal) => {
    const browser = new Browser();
    const back = await comeBack(portal, browser, "pi");
    const page = await browser.go(back, { stopBefore: () => true });
    const [cookie] = page.headers.getSetCookie().filter((one) => one.startsWith(`${cookieName}=`));
    assert.match(cookie ?? "", /; Path=\/; HttpOnly; Secure; SameSite=Lax/);
    assert.doesNotMatch(cookie ?? "", /domain/i);
    assert.equal(page.headers.get("cache-control"), "no-store");
    const { rows } = await portal.database.pool.query("select l::text as line from logins l");
    assert.ok(!JSON.stringify(rows).includes(cookieOf(portal, browser) ?? "?"));
  }));

test("a callback serves once, and not in another browser", () =>
  withIdentityPortal(async (portal) => {
    const [mine, hers] = [new Browser(), new Browser()];
    const back = await comeBack(portal, mine, "pi");
    const stranger = await hers.go(back);
    assert.equal(stranger.status, 400);
    assert.match(stranger.text, /login-failed/);
    assert.equal(await whoAmI(portal, hers), "401");
    await mine.go(back, { stopBefore: (url) => url === `${portal.url}/` });
    assert.equal(await whoAmI(portal, mine), "pi");
    await portal.identities.closeLogin(cookieOf(portal, mine) ?? "");
    assert.equal((await mine.go(back)).status, 400);
  }));

test("a callback cannot log somebody into an attacker's account", () =>
  withIdentityPortal(async (portal) => {
    const [attacker, victim] = [new Browser(), new Browser()];
    const planted = await comeBack(portal, attacker, "other");
    await comeBack(portal, victim, "pi");
    assert.equal((await victim.go(planted)).status, 400);
    assert.equal(cookieOf(portal, victim), undefined);
  }));

test("a callback with a changed state, code or issuer is refused and uses the log-in up", () =>
  withIdentityPortal(async (portal) => {
    for (const [name, value] of [
      ["state", "another"],
      ["code", "another"],
      ["iss", "https://other.example"],
    ] as const) {
      const browser = new Browser();
      const back = new URL(await comeBack(portal, browser, "pi"));
      back.searchParams.set(name, value);
      assert.equal((await browser.go(back.href)).status, 400, name);
      assert.equal(cookieOf(portal, browser), undefined, name);
    }
  }));

test("a code of another log-in in the same browser is refused", () =>
  withIdentityPortal(async (portal) => {
    const browser = new Browser();
    const one = new URL(await comeBack(portal, browser, "pi"));
    const two = new URL(await comeBack(portal, browser, "other"));
    one.searchParams.set("code", two.searchParams.get("code") ?? "");
    assert.equal((await browser.go(one.href)).status, 400);
    assert.equal(cookieOf(portal, browser), undefined);
  }));

test("two tabs may log in side by side", () =>
  withIdentityPortal(async (portal) => {
    const browser = new Browser();
    const backs = [
      await comeBack(portal, browser, "pi", "/one"),
      await comeBack(portal, browser, "pi", "/two"),
    ];
    for (const [index, path] of ["/one", "/two"].entries()) {
      const page = await browser.go(backs[index] ?? "", { stopBefore: (url) => url.endsWith(path) });
      assert.equal(page.url, portal.url + path);
    }
    assert.equal(await whoAmI(portal, browser), "pi");
  }));

test("a log-in takes a new secret each time: one that was planted is worth nothing", () =>
  withIdentityPortal(async (portal) => {
    const browser = new Browser();
    const planted = "a".repeat(43);
    browser.setCookie(new URL(portal.url).host, cookieName, planted);
    await logIn(portal.url, "pi", browser);
    const first = cookieOf(portal, browser) ?? "";
    assert.notEqual(first, planted);
    await logIn(portal.url, "pi", browser);
    assert.notEqual(cookieOf(portal, browser), first);
    const thief = new Browser();
    thief.setCookie(new URL(portal.url).host, cookieName, first);
    assert.equal(await whoAmI(portal, thief), "401");
  }));

test("the browser's back button after a log-in leads into the portal, not to an error", () =>
  withIdentityPortal(async (portal) => {
    const browser = new Browser();
    const back = await comeBack(portal, browser, "pi");
    await browser.go(back, { stopBefore: () => true });
    const again = await browser.go(back, { stopBefore: () => true });
    assert.equal(again.url, `${portal.url}/`);
  }));

test("one who refuses at the issuer, or waits too long, gets a page that says so", () =>
  withIdentityPortal(async (portal) => {
    const browser = new Browser();
    const page = await browser.go(`${portal.url}/auth/login`);
    const refused = await choose(browser, page, null);
    assert.equal(refused.status, 400);
    assert.match(refused.text, /access_denied[\s\S]*Log in again/);
    const back = await comeBack(portal, browser, "pi");
    portal.pass(hour);
    assert.equal((await browser.go(back)).status, 400);
  }));

test("logging out ends the log-in on the server, and only for the portal's own pages", () =>
  withIdentityPortal(async (portal) => {
    const browser = await logIn(portal.url, "pi");
    const secret = cookieOf(portal, browser) ?? "";
    const foreign = { origin: "https://evil.example" };
    assert.equal(
      (await browser.go(`${portal.url}/auth/logout`, { method: "POST", headers: foreign })).status,
      403,
    );
    assert.equal(await whoAmI(portal, browser), "pi");
    const out = await browser.go(`${portal.url}/auth/logout`, {
      form: { any: "thing" },
      headers: { accept: "application/json" },
    });
    assert.deepEqual([out.status, JSON.parse(out.text)], [200, { redirectTo: "/" }]);
    const thief = new Browser();
    thief.setCookie(new URL(portal.url).host, cookieName, secret);
    assert.equal(await whoAmI(portal, thief), "401");
    const form = await browser.go(`${portal.url}/auth/logout`, { method: "POST", stopBefore: () => true });
    assert.equal(form.url, `${portal.url}/`);
  }));

test("a log-in comes back to the portal and nowhere else", () =>
  withIdentityPortal(async (portal) => {
    const elsewhere = [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example",
      "/auth/logout",
      "/%2f/evil.example",
    ];
    for (const asked of elsewhere) {
      const browser = new Browser();
      const back = await comeBack(portal, browser, "pi", asked);
      const page = await browser.go(back, { stopBefore: () => true });
      assert.equal(new URL(page.url).origin, portal.url, asked);
    }
  }));

test("addresses to come back to: local paths only", () => {
  for (const good of ["/", "/sessions/s-1", "/datasets?q=a%20b&x=//y", "/a#b", "/a//b", "/caf%C3%A9"])
    assert.equal(safeReturnTo(good), good);
  const bad = [
    undefined,
    ["/a"],
    "",
    "a",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/ /evil.example",
    "/a\r\nset-cookie: x",
    "\\\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/a\\b",
    "/../..//evil.example",
    "/.//evil.example",
    "/auth/logout",
    "/auth",
    "/x/../auth/login",
    "/api/v1/me",
    "/development-issuer/auth",
    `/${"a".repeat(3000)}`,
  ];
  for (const one of bad) assert.equal(safeReturnTo(one), "/", String(one));
});

test("somebody who came by 127.0.0.1 logs in under the portal's own name, where her cookies will be", () =>
  withIdentityPortal(async (portal) => {
    const { port } = new URL(portal.url);
    const location = await new Promise((resolve, reject) => {
      const asked = send(
        `${portal.url}/auth/login?returnTo=/x`,
        { headers: { host: `127.0.0.1:${port}` } },
        (answer) => {
          answer.resume();
          resolve(answer.headers.location);
        },
      );
      asked.on("error", reject);
      asked.end();
    });
    assert.equal(location, `${portal.url}/auth/login?returnTo=%2Fx`);
  }));

test("no log-in through a reverse proxy while the development issuer is there", () =>
  withIdentityPortal(async (portal) => {
    const browser = new Browser();
    for (const header of ["x-forwarded-for", "forwarded", "via", "x-real-ip"]) {
      const page = await browser.go(`${portal.url}/auth/login`, { headers: { [header]: "192.0.2.1" } });
      assert.equal(page.status, 403, header);
      assert.match(page.text, /development-only/);
    }
  }));
