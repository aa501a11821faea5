import assert from "node:assert/strict";
import { test } from "node:test";
import { EndstationError, hour, type Identity, minute, second } from "@endstation/core";
import type { Database } from "./database.ts";
import { looksLikeToken, newToken, newUserCode, tidyUserCode } from "./identity/secrets.ts";
import { createIdentityStore, createPosixAccounts, type IdentityStore } from "./identity.ts";
import { listenTo } from "./notifications.ts";
import { withDatabase } from "./testing.ts";

const t0 = 1_800_000_000_000;

function identity(changes: Partial<Identity> = {}): Identity {
  return {
    issuer: "https://issuer.example",
    subject: "1",
    account: "pi",
    name: "P I",
    email: null,
    roles: [],
    ...changes,
  };
}

function withStore(run: (store: IdentityStore, database: Database) => Promise<void>): Promise<void> {
  return withDatabase((database) => run(createIdentityStore(database), database));
}

const failsWith = (code: string) => (error: unknown) =>
  error instanceof EndstationError && error.code === code;

test("R1 an identity keeps its account when the provider calls her something else later", () =>
  withStore(async (store) => {
    assert.equal(await store.signIn(identity(), t0), "pi");
    const renamed = identity({ account: "new-name", name: "New Name", roles: ["support"] });
    assert.equal(await store.signIn(renamed, t0 + 1), "pi");
    assert.deepEqual(await store.accountNamed("pi"), {
      account: "pi",
      name: "New Name",
      email: null,
      roles: ["support"],
      scopes: null,
    });
    assert.equal(await store.accountNamed("new-name"), null);
    assert.deepEqual((await store.person("pi"))?.identities, [
      { issuer: "https://issuer.example", subject: "1" },
    ]);
  }));

test("R132 an account belongs to the first identity: another subject or issuer is refused, whatever its mail", () =>
  withStore(async (store) => {
    await store.signIn(identity({ email: "pi@example.org" }), t0);
    for (const other of [identity({ subject: "2" }), identity({ issuer: "https://other.example" })])
      await assert.rejects(
        store.signIn({ ...other, email: "pi@example.org" }, t0),
        failsWith("login-failed"),
      );
    assert.equal((await store.person("pi"))?.identities.length, 1);
  }));

test("two identities that claim one account at the same moment: one has it", () =>
  withStore(async (store) => {
    for (let round = 0; round < 10; round += 1) {
      const claims = [1, 2, 3, 4].map((n) =>
        store.signIn(identity({ account: `a${round}`, subject: `${round}-${n}` }), t0),
      );
      const settled = await Promise.allSettled(claims);
      assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
    }
  }));

test("the same identity may log in twice at the same moment", () =>
  withStore(async (store) => {
    const both = await Promise.all([store.signIn(identity(), t0), store.signIn(identity(), t0)]);
    assert.deepEqual(both, ["pi", "pi"]);
  }));

test("declared accounts are known before their first log-in, and roles of both sources count", () =>
  withStore(async (store) => {
    const declared = {
      account: "pi",
      name: "Declared",
      email: null,
      roles: ["instrument-scientist" as const],
    };
    await store.declareAccounts([declared, { ...declared, account: "gone" }], t0);
    assert.equal((await store.accountNamed("pi"))?.name, "Declared");
    await store.signIn(identity({ roles: ["admin"] }), t0);
    assert.deepEqual((await store.accountNamed("pi"))?.roles, ["admin", "instrument-scientist"]);
    await store.declareAccounts([{ ...declared, roles: [] }], t0);
    assert.deepEqual((await store.accountNamed("pi"))?.roles, ["admin"]);
    assert.deepEqual((await store.accountNamed("gone"))?.roles, []);
    assert.deepEqual([...(await store.names(["pi", "nobody"]))], [["pi", "P I"]]);
  }));

test("a log-in ends when it is idle, when it is too old, and when it is closed", () =>
  withStore(async (store) => {
    await store.signIn(identity(), t0);
    const { id, secret } = await store.openLogin("pi", t0);
    assert.equal((await store.findLogin(secret, t0 + 11 * hour))?.id, id);
    assert.notEqual(await store.findLogin(secret, t0 + 22 * hour), null);
    assert.equal(await store.findLogin(secret, t0 + 35 * hour), null);
    assert.equal(await store.findLogin(`${secret}x`, t0 + 1), null);
    const { secret: worn } = await store.openLogin("pi", t0);
    for (let at = t0; at < t0 + 7 * 24 * hour; at += 6 * hour) assert.ok(await store.findLogin(worn, at));
    assert.equal(await store.findLogin(worn, t0 + 7 * 24 * hour), null);
  }));

test("closing a log-in says whose it was, to all replicas", () =>
  withStore(async (store, database) => {
    await store.signIn(identity(), t0);
    const { secret } = await store.openLogin("pi", t0);
    const heard = Promise.withResolvers<string>();
    const stop = await listenTo(database, "endstation_logins", heard.resolve);
    assert.equal(await store.closeLogin(secret), "pi");
    assert.equal(await heard.promise, "pi");
    await stop();
    assert.equal(await store.closeLogin(secret), null);
  }));

test("logging in again makes the old secret useless; the id stays for the same person only", () =>
  withStore(async (store) => {
    await store.signIn(identity(), t0);
    await store.signIn(identity({ account: "other", subject: "2" }), t0);
    const first = await store.openLogin("pi", t0);
    const again = await store.openLogin("pi", t0 + 1, first.secret);
    assert.equal(again.id, first.id);
    assert.equal(await store.findLogin(first.secret, t0 + 2), null);
    const other = await store.openLogin("other", t0 + 3, again.secret);
    assert.notEqual(other.id, again.id);
    assert.equal(await store.findLogin(again.secret, t0 + 4), null);
    assert.equal((await store.findLogin(other.secret, t0 + 4))?.principal.account, "other");
  }));

test("a log-in under way is taken once, by its own browser, while it is fresh", () =>
  withStore(async (store) => {
    const pending = { kept: { verifier: "v" }, returnTo: "/x" };
    await store.keepPending("browser", "state", pending, t0);
    assert.equal(await store.takePending("another", "state", t0), null);
    const takers = await Promise.all([1, 2, 3].map(() => store.takePending("browser", "state", t0)));
    assert.deepEqual(
      takers.filter((taken) => taken !== null),
      [pending],
    );
    await store.keepPending("browser", "old", pending, t0);
    assert.equal(await store.takePending("browser", "old", t0 + hour), null);
  }));

test("a token speaks for its owner with its scopes until it expires or is revoked, by her only", () =>
  withStore(async (store) => {
    await store.signIn(identity({ roles: ["admin"] }), t0);
    await store.signIn(identity({ account: "other", subject: "2" }), t0);
    const request = { account: "pi", name: "script", scopes: ["read" as const], lifetimeMs: hour };
    const { token, secret } = await store.makeToken(request, t0);
    const principal = await store.findToken(secret, t0 + 1);
    assert.deepEqual([principal?.account, principal?.scopes, principal?.roles], ["pi", ["read"], ["admin"]]);
    assert.equal(await store.findToken(secret, t0 + hour), null);
    assert.deepEqual(await store.listTokens("other", t0), []);
    assert.equal(await store.revokeToken("other", token.id), false);
    assert.equal((await store.listTokens("pi", t0)).length, 1);
    assert.equal(await store.revokeToken("pi", token.id), true);
    assert.equal(await store.findToken(secret, t0 + 1), null);
  }));

test("when a token was last used is written at most once a minute", () =>
  withStore(async (store) => {
    await store.signIn(identity(), t0);
    const { secret } = await store.makeToken(
      { account: "pi", name: "n", scopes: ["read"], lifetimeMs: hour },
      t0,
    );
    const lastUsedAfter = async (at: number) => {
      await store.findToken(secret, at);
      return (await store.listTokens("pi", at))[0]?.lastUsedAt;
    };
    assert.equal(await lastUsedAfter(t0 + second), t0 + second);
    assert.equal(await lastUsedAfter(t0 + 30 * second), t0 + second);
    assert.equal(await lastUsedAfter(t0 + 2 * minute), t0 + 2 * minute);
  }));

test("the database holds no secret, only digests", () =>
  withStore(async (store, database) => {
    await store.signIn(identity(), t0);
    const { secret: login } = await store.openLogin("pi", t0);
    const { secret: token } = await store.makeToken(
      { account: "pi", name: "n", scopes: ["read"], lifetimeMs: hour },
      t0,
    );
    const { deviceCode } = await store.beginDevice({ name: "n", scopes: ["read"], lifetimeMs: hour }, t0);
    await store.keepPending("the-browser", "s", { kept: {}, returnTo: "/" }, t0);
    for (const table of ["logins", "tokens", "device_logins", "pending_logins"]) {
      const { rows } = await database.pool.query(`select t::text as line from ${table} t`);
      for (const secret of [login, token, deviceCode, "the-browser"])
        for (const shape of [secret, Buffer.from(secret).toString("hex")])
          assert.ok(!JSON.stringify(rows).includes(shape), table);
    }
  }));

test("a command line gets its token once, after its approval", () =>
  withStore(async (store) => {
    await store.signIn(identity(), t0);
    const request = { name: "laptop", scopes: ["read" as const, "sessions" as const], lifetimeMs: hour };
    const { deviceCode, userCode } = await store.beginDevice(request, t0);
    assert.deepEqual(await store.pollDevice(deviceCode, t0), { state: "waiting" });
    await assert.rejects(store.pollDevice(deviceCode, t0 + 10), failsWith("too-many-requests"));
    assert.equal(await store.approveDevice("BBBB-BBBB", "pi", true, t0), false);
    assert.equal(await store.approveDevice(userCode.toLowerCase().replace("-", " "), "pi", true, t0), true);
    assert.equal(await store.approveDevice(userCode, "pi", true, t0), false);
    const polls = await Promise.all([1, 2, 3].map(() => store.pollDevice(deviceCode, t0 + 5 * second)));
    assert.equal(polls.filter(({ state }) => state === "approved").length, 1);
    assert.equal(polls.filter(({ state }) => state === "expired").length, 2);
    const [won] = polls.filter((poll) => poll.state === "approved");
    const principal = await store.findToken(won?.token ?? "", t0 + 6 * second);
    assert.deepEqual([principal?.account, principal?.scopes], ["pi", ["read", "sessions"]]);
    assert.equal((await store.listTokens("pi", t0))[0]?.name, "laptop");
  }));

test("a command line that is refused or too late gets nothing", () =>
  withStore(async (store) => {
    await store.signIn(identity(), t0);
    const request = { name: "laptop", scopes: ["read" as const], lifetimeMs: hour };
    const refused = await store.beginDevice(request, t0);
    await store.approveDevice(refused.userCode, "pi", false, t0);
    assert.deepEqual(await store.pollDevice(refused.deviceCode, t0), { state: "refused" });
    const late = await store.beginDevice(request, t0);
    assert.equal(await store.approveDevice(late.userCode, "pi", true, t0 + 10 * minute), false);
    assert.deepEqual(await store.pollDevice(late.deviceCode, t0 + 10 * minute), { state: "expired" });
    assert.deepEqual(await store.pollDevice("unknown", t0), { state: "expired" });
    assert.deepEqual(await store.listTokens("pi", t0), []);
  }));

test("R43 uids and gids are handed out once, from the range, never the same number twice", () =>
  withDatabase(async (database) => {
    const posix = createPosixAccounts(database, { first: 700_000, last: 700_060 });
    const names = Array.from({ length: 10 }, (_, n) => `person-${n}`);
    const twice = [...names, ...names];
    const given = await Promise.all(twice.map((name, n) => posix.posixOf(name, `proposal-${n % 3}`)));
    const uids = new Set(given.map(({ uid }) => uid));
    const gids = new Set(given.map(({ gid }) => gid));
    assert.deepEqual([uids.size, gids.size, new Set([...uids, ...gids]).size], [10, 3, 13]);
    for (const number of [...uids, ...gids]) assert.ok(number >= 700_000 && number <= 700_060);
    const alone = await posix.posixOf("person-0", null);
    assert.equal(alone.gid, alone.uid);
    assert.equal(await posix.gidOf("proposal-1"), (await posix.posixOf("person-5", "proposal-1")).gid);
    const again = createPosixAccounts(database, { first: 700_000, last: 700_060 });
    assert.deepEqual(await again.posixOf("person-0", null), alone);
  }));

test("a range that is used up is an error with its name", () =>
  withDatabase(async (database) => {
    const posix = createPosixAccounts(database, { first: 10, last: 11 });
    await posix.posixOf("a", null);
    await posix.posixOf("b", null);
    await assert.rejects(posix.posixOf("c", null), failsWith("config-invalid"));
    assert.equal((await posix.posixOf("a", null)).uid, 10);
  }));

test("sweeping deletes what has expired and nothing else", () =>
  withStore(async (store, database) => {
    await store.signIn(identity(), t0);
    const { secret } = await store.openLogin("pi", t0);
    await store.makeToken({ account: "pi", name: "short", scopes: ["read"], lifetimeMs: minute }, t0);
    await store.makeToken({ account: "pi", name: "long", scopes: ["read"], lifetimeMs: 24 * hour }, t0);
    await store.keepPending("b", "s", { kept: {}, returnTo: "/" }, t0);
    await store.sweep(t0 + hour);
    const { rows } = await database.pool.query("select name from tokens");
    assert.deepEqual(rows, [{ name: "long" }]);
    assert.notEqual(await store.findLogin(secret, t0 + hour), null);
    assert.equal(await store.takePending("b", "s", t0), null);
  }));

test("tokens carry a checksum; codes for people have no vowel and forgive how they are typed", () => {
  const token = newToken();
  assert.match(token, /^est_[0-9A-Za-z]{49}$/);
  assert.ok(looksLikeToken(token));
  const last = token.at(-1) === "a" ? "b" : "a";
  for (const wrong of [token.slice(0, -1), token.slice(0, -1) + last, `${token}a`, "est_", ""])
    assert.equal(looksLikeToken(wrong), false);
  const code = newUserCode();
  assert.match(code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  assert.equal(tidyUserCode(` ${code.toLowerCase().replace("-", "")} `), code);
});
