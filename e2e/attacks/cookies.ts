import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { ask } from "./support/asking.ts";
import { attempt, type Victim } from "./support/browsing.ts";
import type { Family, Stage } from "./support/family.ts";
import type { Headers, Weakness } from "./support/front.ts";
import { lured } from "./support/lure.ts";
import { callApi, enter, logIn, type Place, sessionOf, share } from "./support/people.ts";

/** What a session's page and server try with the cookies of the portal, of others, and of the domain above. */
export const cookies: Family = (stage, sameSite) => {
  test("read the portal's cookies from a session", () =>
    lured(stage(), async ({ page, place }) => {
      await page.reload();
      assert.doesNotMatch((await attempt(page, () => document.cookie, null)) ?? "", /endstation/);
      const asked = place.server.seen.map(({ headers }) => headers.cookie ?? "").join("; ");
      assert.ok(place.server.seen.length > 1);
      assert.doesNotMatch(asked, /endstation/);
    }));

  test("log her in as the attacker by a cookie that a session's page sets", () =>
    lured(stage(), async ({ page, victim, place }) => {
      await attempt(page, tossCookies, { value: place.owner.secret, name: "__Host-endstation" });
      assert.equal(await victim.account(), "pi");
    }));

  if (sameSite)
    test("without the prefix __Host-, that one succeeds", () =>
      stage().world.front.without(withoutPrefix, () =>
        lured(stage(), async ({ page, victim, place }) => {
          await attempt(page, tossCookies, { value: place.owner.secret, name: "endstation" });
          assert.equal(await victim.account(), "other");
        }),
      ));

  test("set cookies for the portal by a session's Set-Cookie with a Domain", () =>
    lured(stage(), async ({ page, place, victim }) => {
      await page.goto(`${place.origin}/${serveCookies(stage(), place, "set-cookie")}`);
      assert.deepEqual(await cookiesSentToPortal(stage(), victim), []);
    }));

  if (sameSite)
    test("without the gateway's hand on Set-Cookie, that one succeeds", () =>
      stage().world.front.without(
        { answer: (headers) => renamed(headers, "x-set-cookie", "set-cookie") },
        () =>
          lured(stage(), async ({ page, place, victim }) => {
            await page.goto(`${place.origin}/${serveCookies(stage(), place, "x-set-cookie")}`);
            assert.deepEqual(await cookiesSentToPortal(stage(), victim), ["tossed"]);
          }),
      ));

  test("reach another's session with the cookie of one's own", () =>
    lured(stage(), async ({ place, page, own: target }) => {
      const { world } = stage();
      const own = await enter(world, place.owner, place);
      const before = target.server.seen.length;
      assert.equal((await ask(world, target.origin, "/", { headers: { cookie: own } })).status, 404);
      await attempt(
        page,
        (url) => fetch(url, { credentials: "include", mode: "no-cors" }),
        `${target.origin}/x`,
      );
      assert.equal(target.server.seen.length, before);
    }));

  test("use a log-in's cookie at a session's origin, or a session's cookie at the portal", async () => {
    const { world } = stage();
    const pi = await logIn(world, "pi");
    const place = await sessionOf(world, pi);
    const visit = (await enter(world, pi, place)).split("=")[1] ?? "";
    for (const cookie of [pi.cookie, `__Host-endstation-visit=${pi.secret}`])
      assert.equal((await ask(world, place.origin, "/", { headers: { cookie } })).status, 404);
    for (const cookie of [`__Host-endstation=${visit}`, `__Host-endstation-visit=${visit}`])
      assert.equal((await ask(world, world.origin, "/api/v1/me", { headers: { cookie } })).status, 401);
  });

  test("go on with a copied cookie after she has logged out", async () => {
    const { world } = stage();
    const pi = await logIn(world, "pi");
    const place = await sessionOf(world, pi);
    const visit = await enter(world, pi, place);
    await ask(world, world.origin, "/auth/logout", {
      method: "POST",
      headers: { cookie: pi.cookie, origin: world.origin },
    });
    assert.equal((await pi.call("GET", "/me")).status, 401);
    await refusedSoon(stage(), place, visit);
  });

  test("stay inside after the share was revoked, or became one to look on only", async () => {
    const { world } = stage();
    const pi = await logIn(world, "pi");
    const other = await logIn(world, "other");
    for (const lose of [
      (place: Place) => pi.call("DELETE", `/sessions/${place.id}/shares?account=other`),
      (place: Place) => share(place, "other", "viewer"),
    ]) {
      const place = await sessionOf(world, pi);
      await share(place, "other");
      const visit = await enter(world, other, place);
      assert.equal((await ask(world, place.origin, "/", { headers: { cookie: visit } })).status, 200);
      assert.ok((await lose(place)).status < 300);
      await refusedSoon(stage(), place, visit);
    }
  });

  test("stay inside by a visit that a stolen access token began, after the token was revoked", async () => {
    const { world } = stage();
    const pi = await logIn(world, "pi");
    const place = await sessionOf(world, pi);
    const made = JSON.parse(
      (await pi.call("POST", "/tokens", { name: "stolen", scopes: ["sessions", "read"] })).body,
    );
    const thief = byToken(stage(), made.token);
    const visit = await enter(world, thief, place);
    assert.equal((await ask(world, place.origin, "/", { headers: { cookie: visit } })).status, 200);
    assert.equal((await pi.call("DELETE", `/tokens/${made.id}`)).status, 204);
    await refusedSoon(stage(), place, visit);
  });

  test("lock her out of the portal with more cookies than it reads", () =>
    lured(stage(), async ({ page, victim }) => {
      await attempt(page, bombCookies, null);
      assert.ok(await getsBackIn(stage(), victim), "the second time she is let in");
    }));

  if (sameSite)
    test("without the portal's answer to too many cookies, that one succeeds", () =>
      lured(stage(), async ({ page, victim }) => {
        await attempt(page, bombCookies, null);
        await stage().world.front.without({ answer: withoutClearing }, async () =>
          assert.equal(await getsBackIn(stage(), victim), false),
        );
      }));
};

/** Every way a script has to set a cookie of that name where the portal would get it. */
function tossCookies({ name, value }: { name: string; value: string }): void {
  const above = location.hostname.split(".").slice(-2).join(".");
  const names = [
    name,
    name.toUpperCase(),
    ` ${name}`,
    `\u2000${name}`,
    `\u00a0${name}`,
    `=${name}`,
    `$Version=1,${name}`,
  ];
  for (const one of names)
    for (const domain of [above, location.hostname.replace(/^[^.]+\./, ""), "localhost"])
      for (const path of ["/", "/api", "/api/v1/me"]) {
        // biome-ignore lint/suspicious/noDocumentCookie: what a hostile page has
        document.cookie = `${one}=${value}; Domain=${domain}; Path=${path}; Secure`;
      }
}

function bombCookies(): void {
  const above = location.hostname.split(".").slice(-2).join(".");
  for (let index = 0; index < 30; index += 1)
    // biome-ignore lint/suspicious/noDocumentCookie: what a hostile page has
    document.cookie = `bomb${index}=${"x".repeat(4_000)}; Domain=${above}; Path=/; Secure`;
}

const withoutPrefix: Weakness = {
  request: (headers) => {
    headers["cookie"] = String(headers["cookie"] ?? "").replaceAll(
      /(^|; )endstation/g,
      "$1__Host-endstation",
    );
  },
  answer: (headers) => {
    const lines = [headers["set-cookie"] ?? []].flat();
    headers["set-cookie"] = lines.map((line) => line.replace(/^__Host-endstation(?=[-=])/, "endstation"));
  },
};

function withoutClearing(headers: Headers): void {
  delete headers["clear-site-data"];
}

function renamed(headers: Headers, from: string, to: string): void {
  if (headers[from] === undefined) return;
  headers[to] = [headers[to] ?? [], headers[from]].flat();
  delete headers[from];
}

/** A page of the session that sets cookies by such a header, in several spellings. */
function serveCookies({ world }: Stage, { server }: Place, header: string): string {
  const above = world.setting.sessionsDomain === null ? "localhost" : "example.test";
  const lines = ["Domain=", " domain =", "\tDOMAIN=.", "x; Domain="].map(
    (spelling) => `tossed=1; Path=/;${spelling}${above}`,
  );
  server.pages.set("/tosses", (_request, response) =>
    response.writeHead(200, { [header]: lines }).end("set"),
  );
  return "tosses";
}

async function cookiesSentToPortal({ world }: Stage, { context }: Victim): Promise<string[]> {
  const sent = await context.cookies(world.origin);
  return sent.map(({ name }) => name).filter((name) => name === "tossed");
}

/** A right that is gone is noticed within two seconds; a machine under load is given more. */
async function refusedSoon({ world }: Stage, { origin }: Place, cookie: string): Promise<void> {
  // A connection that is cut just then is no answer yet.
  const status = async () =>
    (await ask(world, origin, "/", { headers: { cookie } }).catch(() => null))?.status ?? 0;
  await until("the cookie to be refused", async () => (await status()) >= 400, 8_000);
}

function byToken({ world }: Stage, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  return {
    call: (method: string, path: string, body?: unknown) => callApi(world, method, path, body, headers),
  };
}

/** Goes to the portal twice and logs in, as somebody does who meets an error. */
async function getsBackIn({ world }: Stage, { portal }: Victim): Promise<boolean> {
  for (let turn = 0; turn < 2; turn += 1) await portal.goto(`${world.origin}/`).catch(() => null);
  const answer = await portal.goto(`${world.origin}/auth/login?returnTo=/`).catch(() => null);
  return answer?.status() === 200;
}
