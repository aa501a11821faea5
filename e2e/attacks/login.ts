import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, type Told } from "./support/asking.ts";
import { attempt, withVictim } from "./support/browsing.ts";
import type { Family, Stage } from "./support/family.ts";
import type { Headers } from "./support/front.ts";
import { lured } from "./support/lure.ts";
import { logIn } from "./support/people.ts";

/** What is tried on the way of a browser into the portal. */
export const login: Family = (stage, sameSite) => {
  test("log her in as the attacker, by a callback that the attacker began", () =>
    lured(stage(), async ({ page, victim }) => {
      const { callback } = await begun(stage(), "other");
      await attempt(page, (url) => void window.open(url), callback);
      await page.waitForTimeout(700);
      assert.equal(await victim.account(), "pi");
    }));

  if (sameSite)
    test("without the cookie that binds a log-in to its browser, that one succeeds", () =>
      lured(stage(), async ({ page, victim }) => {
        const { callback, cookie } = await begun(stage(), "other");
        const bound = { request: (headers: Headers) => void Object.assign(headers, { cookie }) };
        await stage().world.front.without(bound, async () => {
          await attempt(page, (url) => void window.open(url), callback);
          await page.waitForTimeout(700);
        });
        assert.equal(await victim.account(), "other");
      }));

  test("complete a log-in with another's state, another's code, the same code twice, or from another browser", async () => {
    const mine = await begun(stage(), "other");
    const hers = await begun(stage(), "pi");
    const codeOf = (callback: string) => new URL(callback).searchParams.get("code") ?? "";
    const mixed = new URL(mine.callback);
    mixed.searchParams.set("code", codeOf(hers.callback));
    assert.equal(loginOf(await come(stage(), mixed.href, mine.cookie)), null, "her code: PKCE does not fit");
    assert.equal(loginOf(await come(stage(), hers.callback, mine.cookie)), null, "another browser's state");
    const again = await begun(stage(), "other");
    assert.notEqual(loginOf(await come(stage(), again.callback, again.cookie)), null);
    assert.equal(loginOf(await come(stage(), again.callback, again.cookie)), null, "twice");
  });

  test("log in by an ID token made for another log-in, another client or by another issuer, or one that is over", async () => {
    const { issuer } = stage().world;
    const spoiled: Readonly<Record<string, Record<string, unknown>>> = {
      nonce: { nonce: "another" },
      audience: { aud: "another" },
      issuer: { iss: "https://evil.example" },
      expiry: { exp: 1 },
      account: { preferred_username: "../admin", sub: "x" },
    };
    const usual = issuer.spoil;
    try {
      for (const [what, claims] of Object.entries(spoiled)) {
        const { callback, cookie } = await begun(stage(), "other");
        issuer.spoil = (given) => ({ ...given, ...claims });
        assert.equal(loginOf(await come(stage(), callback, cookie)), null, what);
      }
    } finally {
      issuer.spoil = usual;
    }
  });

  test("have a callback of one issuer taken for another's, or for an error of the attacker's", async () => {
    for (const change of [{ iss: "https://evil.example" }, { error: "x", error_description: "<script>" }]) {
      const { callback, cookie } = await begun(stage(), "other");
      const url = new URL(callback);
      for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value);
      const answer = await come(stage(), url.href, cookie);
      assert.equal(loginOf(answer), null);
      assert.doesNotMatch(answer.body, /<script>/);
    }
  });

  test("have her log in with a cookie that the attacker chose or knows", async () => {
    const { world } = stage();
    const other = await logIn(world, "other");
    const { callback, cookie } = await begun(stage(), "pi");
    for (const known of [other.cookie, `__Host-endstation=${"A".repeat(43)}`]) {
      const fresh = known === other.cookie ? { callback, cookie } : await begun(stage(), "pi");
      const given = loginOf(await come(stage(), fresh.callback, `${fresh.cookie}; ${known}`));
      assert.ok(given !== null && !known.includes(given), "a new one");
      const me = await ask(world, world.origin, "/api/v1/me", { headers: { cookie: known } });
      assert.equal(me.status, 401, "the known one is worthless");
    }
  });

  test("lead her elsewhere after the log-in", () =>
    withVictim(stage().world, stage().browser, "pi", async ({ portal }) => {
      const { world } = stage();
      const elsewhere = [
        ...[
          "https://evil.example/",
          "//evil.example",
          "/\\evil.example",
          "\\\\evil.example",
          "/%5cevil.example",
          "/\t/evil.example",
        ],
        ...[
          "javascript:alert(1)",
          "data:text/html,x",
          "/%09/evil.example",
          "/.//evil.example",
          "/..//evil.example",
          "///evil.example",
        ],
        ...[
          "https:evil.example",
          "/@evil.example",
          "@evil.example",
          ".evil.example",
          "/auth/logout",
          "/\r\nLocation: https://evil.example",
        ],
      ];
      for (const to of elsewhere) {
        await portal.goto(`${world.origin}/auth/login?returnTo=${encodeURIComponent(to)}`);
        assert.equal(new URL(portal.url()).origin, world.origin, to);
      }
    }));

  test("get a command line in by a link, with more rights than the page names, or by guessing codes", async () => {
    const { world } = stage();
    const pi = await logIn(world, "pi");
    const begin = (body: object) => pi.call("POST", "/device", body);
    const device = JSON.parse((await begin({ name: "phish" })).body);
    assert.equal(device.verificationUrl, `${world.origin}/device`, "the code is typed, not followed");
    assert.equal(
      (await begin({ scopes: ["admin"] })).status,
      400,
      "the page names reading and sessions, no more",
    );
    const guessed = [];
    for (let turn = 0; turn < 25; turn += 1)
      guessed.push(
        (await pi.call("POST", "/device/approve", { userCode: "BCDF-GHJK", approve: true })).status,
      );
    assert.ok(guessed.includes(429), "guessing is braked");
  });
};

/** A log-in that `account` began in a browser of the attacker's, up to the moment before the callback. */
async function begun({ world }: Stage, account: string): Promise<{ callback: string; cookie: string }> {
  const started = await ask(world, world.origin, "/auth/login?returnTo=/");
  const [cookie = ""] = (started.headers["set-cookie"]?.[0] ?? "").split(";");
  world.issuer.account = account;
  const answer = await fetch(started.headers.location ?? "", { redirect: "manual" });
  return { callback: answer.headers.get("location") ?? "", cookie };
}

function come({ world }: Stage, callback: string, cookie: string): Promise<Told> {
  const { pathname, search } = new URL(callback);
  return ask(world, world.origin, pathname + search, { headers: { cookie, accept: "text/html" } });
}

/** The secret of the log-in that an answer gives; null: none. */
function loginOf({ headers }: Told): string | null {
  const line = (headers["set-cookie"] ?? []).find((one) => one.startsWith("__Host-endstation="));
  return line?.split(/[=;]/)[1] ?? null;
}
