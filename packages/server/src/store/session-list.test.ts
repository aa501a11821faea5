import assert from "node:assert/strict";
import { test } from "node:test";
import { EndstationError, type Session, type SessionFilter } from "@endstation/core";
import { type Database, openDatabase } from "./database.ts";
import { createSessionStore, type Sessions } from "./session-store.ts";
import { letIn, livedSession, testCreation, testSession, toRunning, toStopped } from "./session-testing.ts";
import { withDatabase } from "./testing.ts";

/** Every session a filter shows, page by page, with a check that pages are full and end. */
async function pages(store: Sessions, filter: SessionFilter, limit: number): Promise<readonly Session[]> {
  const found: Session[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Sessions["list"]>> = await store.list(filter, { limit, cursor });
    assert.ok(page.items.length === limit || page.next === null, "a page that is not full is the last");
    found.push(...page.items);
    assert.ok(found.length < 1_000, "the pages come to an end");
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

test("R63 R111 a list shows each visible session once, newest first, whatever the size of its pages", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    const all: Session[] = [];
    for (let index = 0; index < 24; index += 1) {
      const owner = index % 3 === 0 ? "other" : "pi";
      const proposal = index % 4 === 0 ? "p-1" : null;
      const more = { owner, proposal, createdAt: 1_000 + Math.floor(index / 5) };
      const events = index % 2 === 0 ? toRunning : [...toRunning, ...toStopped];
      all.push(await livedSession(store, events, more));
    }
    const shared = all.filter(({ owner }, index) => owner === "other" && index % 2 === 0);
    for (const { id: sessionId } of shared)
      await letIn(store, { sessionId, account: "pi", as: "viewer", by: "other" });
    const [own] = all.filter(({ owner }) => owner === "pi");
    await letIn(store, { sessionId: own?.id ?? "", account: "pi", as: "viewer" });
    const isMine = (session: Session) => session.owner === "pi" || shared.includes(session);
    const isLive = ({ phase }: Session) => phase === "running";
    const cases: readonly (readonly [SessionFilter, (session: Session) => boolean])[] = [
      [{}, () => true],
      [{ visibleTo: "pi" }, isMine],
      [{ visibleTo: "pi", phase: "live" }, (session) => isMine(session) && isLive(session)],
      [{ phase: "ended" }, (session) => !isLive(session)],
      [{ proposal: "p-1" }, ({ proposal }) => proposal === "p-1"],
      [
        { proposal: "p-1", visibleTo: "pi", phase: "live" },
        (one) => one.proposal === "p-1" && isMine(one) && isLive(one),
      ],
      [{ visibleTo: "nobody" }, () => false],
    ];
    for (const [filter, isShown] of cases) {
      const expected = all
        .filter(isShown)
        .sort(newestFirst)
        .map(({ id }) => id);
      for (const limit of [1, 4, 100]) {
        const ids = (await pages(store, filter, limit)).map(({ id }) => id);
        assert.deepEqual(ids, expected, `${JSON.stringify(filter)} in pages of ${limit}`);
      }
    }
  });
});

function newestFirst(one: Session, other: Session): number {
  return other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1);
}

test("a cursor that is none is the sender's fault", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const bad = [
      "",
      "x",
      "%",
      encoded([1]),
      encoded(["1", "s"]),
      encoded([1.5, "s"]),
      encoded([1, "a\0"]),
      encoded([1e300, "s"]),
      encoded({ 0: 1 }),
    ];
    for (const cursor of bad) {
      const isMalformed = (error: unknown) =>
        error instanceof EndstationError && error.code === "malformed-request";
      await assert.rejects(store.list({}, { limit: 5, cursor }), isMalformed, cursor);
    }
    assert.deepEqual(await store.list({}, { limit: 5, cursor: encoded([0, "' OR true --"]) }), {
      items: [],
      next: null,
    });
  });
});

test("R49 a page of a list reads pages, not all there is", async () => {
  await withDatabase(async (database) => {
    const store = createSessionStore(database);
    await fill(database, 10_000);
    for (const filter of [
      { visibleTo: "u7" },
      { visibleTo: "u7", phase: "live" },
      {},
      { proposal: "p-3" },
    ] as const) {
      const page = await store.list(filter, { limit: 50, cursor: null });
      assert.equal(page.items.length, 50);
      const scanned = await rowsScanned(database, (one) =>
        one.list(filter, { limit: 50, cursor: page.next }),
      );
      assert.ok(scanned >= 50 && scanned <= 400, `${JSON.stringify(filter)} read ${scanned} rows`);
    }
  });
});

/** Half of them ended, of 20 owners and 10 proposals. */
async function fill({ pool }: Database, count: number): Promise<void> {
  const document = JSON.stringify(testCreation(testSession()).session);
  await pool.query(
    `INSERT INTO sessions (id, document) SELECT id, $1::jsonb || jsonb_build_object('id', id, 'owner', 'u' || n % 20,
      'proposal', 'p-' || n % 10, 'createdAt', n, 'phase', CASE WHEN n / 20 % 2 = 0 THEN 'running' ELSE 'stopped' END)
    FROM (SELECT n, 's-' || lpad(n::text, 20, 'x') AS id FROM generate_series(1, $2::integer) AS n) AS made`,
    [document, count],
  );
  await pool.query("ANALYZE");
}

/** Rows of `sessions` that PostgreSQL fetched for it, by an index or by reading through. */
async function rowsScanned({ pool }: Database, work: (store: Sessions) => Promise<unknown>): Promise<number> {
  const single = openDatabase({ ...pool.options, max: 1 });
  const read = async () => {
    await single.pool.query("SELECT pg_stat_force_next_flush()");
    const { rows } = await single.pool.query<{ rows: number }>(
      "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) AS rows FROM pg_stat_user_tables WHERE relname = 'sessions'",
    );
    return Number(rows[0]?.rows);
  };
  try {
    const before = await read();
    await work(createSessionStore(single));
    return (await read()) - before;
  } finally {
    await single.close();
  }
}
