import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { openDatabase } from "./database.ts";
import { createSessionStore } from "./session-store.ts";
import { testCreation, testLimits, testSession, testSessionId } from "./session-testing.ts";
import { withDatabase } from "./testing.ts";
import { createTunnelKeys, forgetTunnelKeys } from "./tunnel-keys.ts";

const of = { sessionId: testSessionId(), attempt: 1 };
const key = () => randomBytes(32);

async function withKeys(check: (keys: ReturnType<typeof createTunnelKeys>) => Promise<void>): Promise<void> {
  await withDatabase((database) => check(createTunnelKeys(database)));
}

test("the first key opens, until the one that was offered for it is used", () =>
  withKeys(async (keys) => {
    const [first, second, third] = [key(), key(), key()];
    await keys.enrol(of, first);
    await keys.enrol(of, key());
    assert.ok(await keys.exchange(of, first, second), "known, however often it is enrolled");
    assert.ok(await keys.exchange(of, first, third), "the answer may have been lost on the way");
    assert.ok(!(await keys.accept(of, second)), "an offer is void with the next");
    assert.ok(await keys.accept(of, third));
    assert.ok(await keys.accept(of, third));
    assert.ok(!(await keys.accept(of, first)) && !(await keys.exchange(of, first, key())), "used once");
  }));

test("a key opens its own attempt alone", () =>
  withKeys(async (keys) => {
    const [mine, hers] = [key(), key()];
    await keys.enrol(of, mine);
    for (const other of [
      { ...of, attempt: 2 },
      { ...of, sessionId: testSessionId() },
    ]) {
      assert.ok(!(await keys.accept(other, mine)), "not even known");
      await keys.enrol(other, hers);
      assert.ok(!(await keys.accept(other, mine)) && !(await keys.exchange(other, mine, key())));
    }
    assert.ok(await keys.accept(of, mine));
  }));

test("revoked is for good, also before it was enrolled, and nothing else is", () =>
  withKeys(async (keys) => {
    const later = { ...of, attempt: 2 };
    const [first, offered] = [key(), key()];
    await keys.enrol(of, first);
    await keys.exchange(of, first, offered);
    await keys.enrol({ ...of, attempt: 3 }, first);
    for (const one of [of, later]) {
      await keys.revoke(one);
      await keys.enrol(one, first);
      for (const tried of [first, offered]) {
        assert.ok(!(await keys.accept(one, tried)));
        assert.ok(!(await keys.exchange(one, tried, key())));
      }
    }
    const asked = [of, later, { ...of, attempt: 3 }, { ...of, attempt: 4 }];
    const found = await keys.revokedAmong(asked);
    assert.deepEqual(found.map(({ attempt }) => attempt).sort(), [1, 2]);
    assert.deepEqual(await keys.revokedAmong([]), []);
  }));

test("of two who show the same offered key at once, both come in; of two who renew, one offer stays", () =>
  withDatabase(async (database) => {
    const other = openDatabase(database.pool.options);
    try {
      const [here, there] = [createTunnelKeys(database), createTunnelKeys(other)];
      const [first, second] = [key(), key()];
      await here.enrol(of, first);
      await here.exchange(of, first, second);
      const shown = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? here : there).accept(of, second));
      assert.ok((await Promise.all(shown)).every(Boolean));
      const offers = Array.from({ length: 10 }, key);
      await Promise.all(offers.map((offer, n) => (n % 2 === 0 ? here : there).exchange(of, second, offer)));
      const held: boolean[] = [];
      for (const offer of offers) held.push(await here.accept(of, offer));
      assert.equal(held.filter(Boolean).length, 1);
    } finally {
      await other.close();
    }
  }));

test("the keys of an ended session are forgotten, and open nothing", () =>
  withDatabase(async (database) => {
    const keys = createTunnelKeys(database);
    const store = createSessionStore(database, testLimits);
    const [lives, ended] = [testSession(), testSession()];
    for (const session of [lives, ended]) {
      await store.create(testCreation(session));
      await keys.enrol({ sessionId: session.id, attempt: 1 }, key());
    }
    const valid = key();
    await keys.enrol({ sessionId: lives.id, attempt: 2 }, valid);
    await keys.enrol({ sessionId: ended.id, attempt: 2 }, valid);
    const text = `UPDATE sessions SET document = document || '{"phase": "stopped"}' WHERE id = $1`;
    await database.query({ name: "end", text }, [ended.id]);
    await forgetTunnelKeys(database);
    assert.ok(await keys.accept({ sessionId: lives.id, attempt: 2 }, valid));
    assert.ok(!(await keys.accept({ sessionId: ended.id, attempt: 2 }, valid)));
  }));
