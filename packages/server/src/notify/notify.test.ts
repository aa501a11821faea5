import assert from "node:assert/strict";
import { test } from "node:test";
import { day, type Session } from "@endstation/core";
import { createNoticeStore } from "../store/notices.ts";
import { createSessionStore } from "../store/session-store.ts";
import { livedSession, toRunning, toStopped } from "../store/session-testing.ts";
import { withDatabase } from "../store/testing.ts";
import { notifyWith } from "./notify.ts";

const silent = { mail: null, addressOf: async () => null };
const page = { limit: 50, cursor: null };

test("R26 R110 what happened is told once, however often it is told; a second warning is told too", async () => {
  await withDatabase(async (database) => {
    const session = await livedSession(createSessionStore(database), toRunning);
    const notices = createNoticeStore(database);
    const notify = notifyWith({ ...silent, notices, clock: { now: () => 5_000 } });
    const warned = (warnedAt: number): Session => ({ ...session, warnedAt });
    const failed: Session = { ...session, phase: "failed", reason: "killed", endedAt: 9_000 };
    await notify(session, "ready");
    for (let turn = 0; turn < 3; turn += 1) await notify(warned(6_000), "expires-soon");
    await notify(warned(8_000), "expires-soon");
    await Promise.all([notify(failed, "failed"), notify(failed, "failed")]);
    const { items } = await notices.list(session.owner, page);
    assert.deepEqual(
      items.map(({ message, at, read }) => [message, at, read]),
      [
        ["failed", 9_000, false],
        ["expires-soon", 8_000, false],
        ["expires-soon", 6_000, false],
      ],
    );
    const hints = await database.db
      .selectFrom("hints")
      .selectAll()
      .where("resource", "=", "notice")
      .execute();
    assert.deepEqual(
      hints.map(({ subject }) => subject),
      Array(3).fill(session.owner),
    );
    const first = await notices.list(session.owner, { limit: 2, cursor: null });
    const rest = await notices.list(session.owner, { limit: 2, cursor: first.next });
    assert.deepEqual([first.items.length, rest.items.length, rest.next], [2, 1, null]);
    await notices.forget(8_500);
    assert.equal((await notices.list(session.owner, page)).items.length, 1);
  });
});

test("an end that its owner asked for is no news to her", async () => {
  await withDatabase(async (database) => {
    const session = await livedSession(createSessionStore(database), [...toRunning, ...toStopped]);
    const notices = createNoticeStore(database);
    const notify = notifyWith({ ...silent, notices, clock: { now: () => day } });
    await notify(session, "ended");
    assert.equal(await notices.unread(session.owner), 0);
    await notify({ ...session, reason: "expired" }, "ended");
    assert.equal(await notices.unread(session.owner), 1);
  });
});
