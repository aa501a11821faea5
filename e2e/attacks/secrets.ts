import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type RouteName, routes } from "@endstation/api";
import { ask } from "./support/asking.ts";
import type { Family } from "./support/family.ts";
import { callApi, enter, logIn, sessionOf, ticketTo } from "./support/people.ts";

/** What is tried with access tokens, and where a secret could be found lying about. */
export const secrets: Family = (stage) => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const tokenOf = async (account: string, scopes: readonly string[]) => {
    const person = await logIn(stage().world, account);
    const made = await person.call("POST", "/tokens", { name: "a token", scopes });
    return JSON.parse(made.body).token as string;
  };

  test("do with an access token what its scopes do not give", async () => {
    const { world } = stage();
    // What acts on sessions may read, and an administrator's may both.
    const ranks = ["nothing", "read", "sessions", "admin"];
    const tokens = { read: await tokenOf("admin", ["read"]), sessions: await tokenOf("admin", ["sessions"]) };
    for (const [scope, token] of Object.entries(tokens))
      for (const name of Object.keys(routes) as RouteName[]) {
        const { method, path, needs } = routes[name];
        if (ranks.indexOf(needs) <= ranks.indexOf(scope)) continue;
        const filled = path.replaceAll(/\{\w+\}/g, "s-nothing");
        const { status } = await callApi(
          world,
          method,
          filled,
          method === "POST" ? {} : undefined,
          bearer(token),
        );
        assert.equal(status, 403, `${name} by a token to ${scope}`);
      }
  });

  test("make a further access token, or let a command line in, by an access token", async () => {
    const { world } = stage();
    const token = await tokenOf("admin", ["read", "sessions", "admin"]);
    for (const [path, body] of [
      ["/tokens", { name: "further" }],
      ["/device/approve", { userCode: "BCDF-GHJK", approve: true }],
    ] as const)
      assert.equal((await callApi(world, "POST", path, body, bearer(token))).status, 403, path);
    const pi = await logIn(world, "pi");
    assert.equal((await pi.call("POST", "/tokens", { name: "x", scopes: ["admin"] })).status, 403);
  });

  test("use an access token as a cookie, in an address, or a log-in as an access token", async () => {
    const { world } = stage();
    const token = await tokenOf("pi", ["read"]);
    const pi = await logIn(world, "pi");
    const ways: readonly (readonly [string, Record<string, string>])[] = [
      ["/me", { cookie: `__Host-endstation=${token}` }],
      [`/me?access_token=${token}&token=${token}`, {}],
      ["/me", bearer(pi.secret)],
      ["/me", { authorization: `Basic ${Buffer.from(`pi:${token}`).toString("base64")}` }],
      ["/me", { ...bearer("est_wrong"), cookie: pi.cookie }],
    ];
    for (const [path, headers] of ways)
      assert.equal(
        (await callApi(world, "GET", path, undefined, headers)).status,
        401,
        JSON.stringify(headers),
      );
  });

  test("get another's answer by the key of her request", async () => {
    const { world } = stage();
    const start = async (account: string) => {
      const { cookie } = await logIn(world, account);
      const headers = { cookie, origin: world.origin, "idempotency-key": "one-key" };
      return JSON.parse((await callApi(world, "POST", "/sessions", { environment: "nexus" }, headers)).body);
    };
    const [hers, mine] = [await start("pi"), await start("other")];
    assert.notEqual(mine.id, hers.id);
    assert.equal(mine.owner.account, "other");
  });

  test("find a secret in the log, in a problem's words, in the database or in the list of processes", async () => {
    const { world } = stage();
    const pi = await logIn(world, "pi");
    const place = await sessionOf(world, pi);
    const { url, ticket } = await ticketTo(pi, place.id);
    const visit = (await enter(world, pi, place)).split("=")[1] ?? "";
    const token = await tokenOf("pi", ["read"]);
    const device = JSON.parse((await pi.call("POST", "/device", {})).body).deviceCode as string;
    const kept = { login: pi.secret, ticket, visit, token, device };
    const spoken = await failing(world, kept, url);
    const { rows } = await world.database.pool.query(
      "SELECT l::text FROM logins l UNION SELECT t::text FROM tokens t UNION SELECT v::text FROM visits v UNION SELECT k::text FROM tickets k UNION SELECT d::text FROM device_logins d",
    );
    const places = {
      log: world.log.join(""),
      problems: spoken,
      database: JSON.stringify(rows),
      processes: processList(),
    };
    for (const [where, text] of Object.entries(places))
      for (const [what, secret] of Object.entries(kept)) {
        assert.ok(text.length > 100, where);
        assert.ok(!text.includes(secret), `a ${what} in the ${where}`);
      }
    const addresses = world.requests.map((one) => one.url).join(" ");
    for (const secret of Object.values(kept)) assert.ok(!addresses.includes(secret));
  });
};

type Kept = Readonly<Record<string, string>>;

/** Has every secret fail somewhere, and answers all that was said of it. */
async function failing(world: Parameters<typeof ask>[0] & { origin: string }, kept: Kept, enterUrl: string) {
  const { origin, pathname } = new URL(enterUrl);
  let said = "";
  for (const secret of Object.values(kept)) {
    const type = "application/x-www-form-urlencoded";
    const posted = {
      method: "POST",
      headers: { origin: "https://evil.example", "content-type": type },
      body: `ticket=${secret}`,
    };
    said += (await ask(world, origin, pathname, posted)).body;
    const wrong = { authorization: `Bearer ${secret}x`, cookie: `__Host-endstation=${secret}x` };
    said += (await ask(world, world.origin, "/api/v1/me", { headers: wrong })).body;
    const json = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"deviceCode":["${secret}"]}`,
    };
    said += (await ask(world, world.origin, "/api/v1/device/poll", json)).body;
  }
  return said;
}

function processList(): string {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.map(argumentsOf).join("\n");
}

function argumentsOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
