import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as yieldTurn } from "node:timers/promises";
import { eachOf, KeyedTurns } from "./turns.ts";

test("work of one key goes in order, of many keys side by side up to the number", async () => {
  const turns = new KeyedTurns(3);
  const done: string[] = [];
  let busy = 0;
  let most = 0;
  for (const name of ["a1", "a2", "b1", "c1", "d1", "a3", "d2"])
    await turns.take(name.slice(0, 1), async () => {
      busy += 1;
      most = Math.max(most, busy);
      await yieldTurn();
      busy -= 1;
      done.push(name);
    });
  await turns.settled();
  assert.deepEqual(
    done.filter((name) => name.startsWith("a")),
    ["a1", "a2", "a3"],
  );
  assert.equal(done.length, 7);
  assert.equal(most, 3);
});

test("a failure is told once, after the rest has ended", async () => {
  const turns = new KeyedTurns(2);
  let ended = false;
  await turns.take("a", () => Promise.reject(new Error("planted")));
  await turns.take("b", async () => {
    await yieldTurn();
    ended = true;
  });
  await assert.rejects(turns.settled(), /planted/);
  assert.ok(ended);
  await turns.settled();
  const seen: number[] = [];
  const work = async (item: number) => {
    if (item === 2) throw new Error("planted");
    seen.push(item);
  };
  await assert.rejects(eachOf([1, 2, 3], 2, work), /planted/);
  assert.deepEqual(seen, [1, 3]);
});
