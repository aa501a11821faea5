import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "./database.ts";
import { createHintFeed, numberHints, pruneHints, publishHint } from "./hints.ts";
import { createSessionStore } from "./session-store.ts";
import { livedSession, toRunning } from "./session-testing.ts";
import { withDatabase } from "./testing.ts";

const hint = (id: string) => ({ resource: "session", id, version: 1 });

test("hints come in one order without a gap, and a late commit is not passed over", async () => {
  await withDatabase(async (database) => {
    const feed = await createHintFeed(database);
    const seen: string[] = [];
    let position = 0;
    const readOn = async () => {
      for (const placed of (await feed.hintsAfter(position)) ?? []) {
        assert.equal(placed.number, position + 1);
        position = placed.number;
        seen.push(placed.hint.id);
      }
    };
    const stop = feed.onHints(() => void readOn());
    const release = Promise.withResolvers<void>();
    const late = database.db.transaction().execute(async (trx) => {
      await publishHint(trx, hint("began-first"));
      await release.promise;
    });
    await Promise.all([..."abcdef"].map((id) => publishHint(database.db, hint(id))));
    await until(() => seen.length === 6);
    release.resolve();
    await late;
    await until(() => seen.length === 7);
    assert.equal(seen[6], "began-first");
    stop();
    await feed.close();
  });
});

test("a change of a session is told in its own transaction, with its version", async () => {
  await withDatabase(async (database) => {
    const feed = await createHintFeed(database);
    const from = await feed.latestNumber();
    const { id, version } = await livedSession(createSessionStore(database), toRunning);
    await numberHints(database);
    await until(async () => ((await feed.hintsAfter(from)) ?? []).length === version);
    const told = (await feed.hintsAfter(from)) ?? [];
    assert.deepEqual(
      told.map((placed) => placed.hint),
      versionsUpTo(id, version),
    );
    await feed.close();
  });
});

test("who was away longer than hints are kept is told so; a feed made later knows the older ones", async () => {
  await withDatabase(async (database) => {
    await publishHint(database.db, hint("old"));
    await publishHint(database.db, hint("newer"));
    await numberHints(database);
    await database.pool.query("UPDATE hints SET made = made - interval '2 days' WHERE subject = 'old'");
    const feed = await createHintFeed(database);
    assert.equal((await feed.hintsAfter(0))?.length, 2);
    await pruneHints(database, 86_400_000);
    assert.equal(await feed.hintsAfter(0), null);
    assert.deepEqual(
      (await feed.hintsAfter(1))?.map((placed) => placed.hint.id),
      ["newer"],
    );
    await pruneHints(database, 86_400_000);
    assert.equal(await feed.latestNumber(), 2);
    await feed.close();
  });
});

test("many replicas that number hints at once give each a number of its own", async () => {
  await withDatabase(async (database) => {
    const ids = Array.from({ length: 200 }, (_, index) => `h${index}`);
    await Promise.all(ids.flatMap((id) => [publishHint(database.db, hint(id)), numberHints(database)]));
    await numberHints(database);
    const numbers = await placed(database);
    assert.deepEqual(
      numbers,
      ids.map((_, index) => index + 1),
    );
  });
});

async function placed({ db }: Database): Promise<(number | null)[]> {
  const rows = await db.selectFrom("hints").select("number").orderBy("number").execute();
  return rows.map((row) => row.number);
}

function versionsUpTo(id: string, version: number) {
  return Array.from({ length: version }, (_, index) => ({ resource: "session", id, version: index + 1 }));
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 20_000;
  while (!(await isSo())) {
    assert.ok(Date.now() < giveUpAt, `it did not come: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
