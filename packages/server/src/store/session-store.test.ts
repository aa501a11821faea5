import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEvent, type Creation, EndstationError, type Session } from "@endstation/core";
import { recordActivity } from "./activity.ts";
import type { Database } from "./database.ts";
import { createSessionStore, type Sessions } from "./session-store.ts";
import {
  letIn,
  letOut,
  livedSession,
  testCreation,
  testLimits,
  testSession,
  testSessionId,
  toRunning,
  toStopped,
} from "./session-testing.ts";
import { withDatabase } from "./testing.ts";

const limits = testLimits;

test("R21 a created session is read as it was written, with its first entry, effect and deadline", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    const creation = testCreation(testSession({ parameters: { π: [1, null, "\"'"] } }));
    assert.deepEqual(await store.create(creation), { result: "created" });
    assert.deepEqual(await store.get(creation.session.id), creation.session);
    assert.deepEqual(await store.log(creation.session.id), [creation.entry]);
    const effects = await database.db.selectFrom("effects").selectAll().execute();
    assert.deepEqual(
      effects.map(({ effect, tries, holder }) => ({ effect, tries, holder })),
      [{ effect: { type: "launch", attempt: 1 }, tries: 0, holder: null }],
    );
    assert.equal(await store.get("s-none"), null);
  });
});

test("R50 the limit of an owner holds when many start at once; others are not touched by it", async () => {
  await withDatabase(async (database) => {
    const create = replicas(database);
    const start = (owner: string) => create(testCreation(testSession({ owner }), { limit: { perOwner: 3 } }));
    const results = await Promise.all([...Array(12).fill("pi"), "other"].map(start));
    const created = results.slice(0, 12).filter((one) => one.result === "created");
    assert.equal(created.length, 3);
    assert.deepEqual(results[12], { result: "created" });
    assert.deepEqual(await start("pi"), { result: "over-limit", running: 3 });
  });
});

test("the same idempotency key gives the session made first, also at the limit and at the same moment", async () => {
  await withDatabase(async (database) => {
    const create = replicas(database);
    const start = (digest: string, owner = "pi") =>
      create(
        testCreation(testSession({ owner }), { limit: { perOwner: 1 }, idempotency: { key: "k", digest } }),
      );
    const results = await Promise.all([start("a"), start("a"), start("a"), start("a")]);
    assert.deepEqual(results.map((one) => one.result).sort(), [
      "created",
      "repeated",
      "repeated",
      "repeated",
    ]);
    const repeated = results.flatMap((one) => (one.result === "repeated" ? [one.session.id] : []));
    assert.equal(new Set(repeated).size, 1);
    assert.deepEqual(await start("b"), { result: "key-reused" });
    assert.deepEqual(await start("b", "other"), { result: "created" });
  });
});

test("R31 the sessions of an array are made all or none, and once for a key; batch is counted apart", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    const array = (size: number, key: string) => {
      const id = testSessionId();
      const sessions = Array.from({ length: size }, (_, index) => {
        const batch = { hasScript: true, arguments: [], retries: 0, array: { id, index, size } };
        const more = { kind: "batch", endpoints: [], batch } as const;
        return testSession(index === 0 ? { ...more, id } : more);
      });
      const [first, ...others] = sessions.map((session) => testCreation(session)) as [
        Creation,
        ...Creation[],
      ];
      const idempotency = { key, digest: key };
      return { ...first, others, script: "print(1)\n", limit: { perOwner: 5 }, idempotency };
    };
    assert.deepEqual(await store.create(testCreation(testSession(), { limit: { perOwner: 1 } })), {
      result: "created",
    });
    const three = array(3, "a");
    assert.deepEqual(await store.create(three), { result: "created" });
    const again = await store.create({ ...array(3, "a") });
    assert.equal(again.result === "repeated" && again.session.id, three.session.id);
    assert.deepEqual(await store.create(array(3, "b")), { result: "over-limit", running: 3 });
    const page = { limit: 50, cursor: null };
    const { items } = await store.list({ array: three.session.id }, page);
    assert.deepEqual(items.map(({ batch }) => batch?.array?.index).sort(), [0, 1, 2]);
    for (const session of items) {
      assert.equal(await store.scriptOf(session), "print(1)\n");
      assert.deepEqual((await store.log(session.id)).length, 1);
    }
    assert.equal((await store.list({}, page)).items.length, 4);
    assert.equal((await database.db.selectFrom("effects").selectAll().execute()).length, 4);
    assert.equal((await database.db.selectFrom("scripts").selectAll().execute()).length, 1);
  });
});

test("a session from before there was batch is read as one that is none", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    const { batch: _, retried: __, exitCode: ___, ...older } = { ...testSession(), version: 1 };
    await database.pool.query("INSERT INTO sessions (id, document) VALUES ($1, $2)", [older.id, older]);
    const found = await store.get(older.id);
    assert.deepEqual([found?.batch, found?.retried, found?.exitCode], [null, 0, null]);
  });
});

test("of two changes of the same version one wins, and the other leaves nothing behind", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    const session = await livedSession(store, toRunning);
    const change = (name: string) => ({
      session: { ...session, name, version: session.version + 1 },
      entry: {
        sessionId: session.id,
        sequence: session.version + 1,
        at: 5_000,
        event: { type: "renamed", name },
        phase: session.phase,
      } as const,
      effects: [{ type: "terminate", handle: null }] as const,
    });
    const before = await counts(database);
    const results = await Promise.all(["a", "b", "c"].map((name) => store.save(change(name))));
    assert.deepEqual(results.toSorted(), ["conflict", "conflict", "saved"]);
    const after = await counts(database);
    assert.deepEqual(
      { entries: after.entries - before.entries, effects: after.effects - before.effects },
      { entries: 1, effects: 1 },
    );
  });
});

test("many events at once on one session are all applied, one after another", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    const session = await livedSession(store, toRunning);
    const deps = { store, clock: { now: () => 2_000 }, limits };
    const names = [..."abcdefgh"];
    await Promise.all(names.map((name) => applyEvent(deps, session.id, { type: "renamed", name })));
    const log = await store.log(session.id);
    assert.deepEqual(
      log.map((entry) => entry.sequence),
      log.map((_, index) => index + 1),
    );
    assert.equal(log.length, session.version + names.length);
  });
});

test("a way in is open exactly while the session runs, under a label that stays its own", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    const routes = () => database.db.selectFrom("routes").selectAll().execute();
    const deps = { store, clock: { now: () => 2_000 }, limits };
    const awaited = () => database.db.selectFrom("awaited_answers").selectAll().execute();
    const starting = await livedSession(store, toRunning.slice(0, 1));
    assert.deepEqual(await awaited(), [{ session_id: starting.id, provider: "fake" }]);
    for (const event of toStopped) await applyEvent(deps, starting.id, event);
    const session = await livedSession(store, toRunning);
    assert.deepEqual(await awaited(), []);
    const [open] = await routes();
    assert.match(open?.label ?? "", /^[a-z2-7]{26}$/);
    assert.deepEqual(
      { ...open, label: "" },
      {
        session_id: session.id,
        role: "session",
        endpoint: "jupyter",
        label: "",
        provider: "fake",
        handle: "h1",
      },
    );
    const seen = (state: "suspended" | "running") =>
      applyEvent(deps, session.id, { type: "observed", attempt: 1, asOf: 2_000, observation: { state } });
    await seen("suspended");
    assert.deepEqual(await routes(), []);
    await seen("running");
    assert.deepEqual(await routes(), [open]);
    for (const event of toStopped) await applyEvent(deps, session.id, event);
    assert.deepEqual(await routes(), []);
    assert.equal((await database.db.selectFrom("origins").selectAll().execute()).length, 1);
    assert.deepEqual(await database.db.selectFrom("deadlines").selectAll().execute(), []);
  });
});

test("R48 activity counts without an entry in the log, and is written at most once a minute", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    const { id, version } = await livedSession(store, toRunning);
    const activeAt = async () => ((await store.get(id)) as Session).lastActivityAt;
    await recordActivity(database, id, 10_000);
    assert.equal(await activeAt(), 10_000);
    await recordActivity(database, id, 60_000);
    assert.equal(await activeAt(), 10_000);
    await recordActivity(database, id, 70_000);
    assert.equal(await activeAt(), 70_000);
    await recordActivity(database, "s-none", 70_000);
    assert.equal(((await store.get(id)) as Session).version, version);
  });
});

test("text that a database cannot hold is the sender's fault, by name", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    for (const text of ["a\0b", "\ud800"]) {
      const creation = testCreation(testSession({ parameters: { text } }));
      await assert.rejects(store.create(creation), isMalformed);
    }
    const long = { key: "k".repeat(20_000) + Math.random(), digest: "d" };
    const noise = Array.from({ length: 4_000 }, () => Math.random().toString(36)).join("");
    const creation = testCreation(testSession(), { idempotency: { ...long, key: noise } });
    await assert.rejects(store.create(creation), isMalformed);
    assert.equal((await counts(database)).sessions, 0);
  });
});

test("R83 shares are added, changed and removed; each change is told to browsers and gateway", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    const { id: sessionId } = await livedSession(store, toRunning);
    const own = { sessionId, account: "other", as: "viewer", until: null, by: "pi", at: 5 } as const;
    const share = { ...own, link: null };
    const hintsBefore = (await counts(database)).hints;
    await letIn(store, share);
    assert.deepEqual(await store.shares(sessionId), [share]);
    await letIn(store, { ...share, as: "member", until: 99 });
    assert.deepEqual(await store.shares(sessionId), [{ ...share, as: "member", until: 99 }]);
    await letOut(store, sessionId, "other");
    assert.deepEqual(await store.shares(sessionId), []);
    assert.equal((await counts(database)).hints, hintsBefore + 6);
  });
});

/** Creates in one of four stores after the other, as in processes that know nothing of each other. */
function replicas(database: Database) {
  const stores = Array.from({ length: 4 }, () => createSessionStore(database));
  let turn = 0;
  return (creation: Creation) => {
    turn += 1;
    return (stores[turn % stores.length] as Sessions).create(creation);
  };
}

function isMalformed(error: unknown): boolean {
  return error instanceof EndstationError && error.code === "malformed-request";
}

async function counts({ pool }: { pool: { query(text: string): Promise<{ rows: unknown[] }> } }) {
  const text = `SELECT (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM session_log) AS entries,
    (SELECT count(*) FROM effects) AS effects, (SELECT count(*) FROM hints) AS hints`;
  const { rows } = await pool.query(text);
  return rows[0] as { sessions: number; entries: number; effects: number; hints: number };
}
