import assert from "node:assert/strict";
import { Socket } from "node:net";
import { test } from "node:test";
import { createDealer, type Player } from "./dealer.ts";

/** Notes what it is given; takes it, or goes, when the test says so. */
function playing() {
  const given: { id: number; connection: Socket }[] = [];
  const told = { taken: (_id: number) => {}, gone: () => {} };
  const player: Player = {
    give: (id, connection) => given.push({ id, connection }),
    onTaken: (taken) => {
      told.taken = taken;
    },
    onGone: (gone) => {
      told.gone = gone;
    },
  };
  const takeAll = () => given.forEach(({ id }) => void told.taken(id));
  return { player, given, takeAll, go: () => told.gone() };
}

test("connections are dealt out in turn, and let go of here as soon as they were taken", () => {
  const dealer = createDealer();
  const [one, other] = [playing(), playing()];
  dealer.enter(one.player);
  dealer.enter(other.player);
  const connections = Array.from({ length: 5 }, () => new Socket());
  for (const connection of connections) dealer.deal(connection);
  assert.deepEqual([one.given.length, other.given.length], [3, 2]);
  assert.ok(connections.every(({ destroyed }) => !destroyed));
  one.takeAll();
  assert.deepEqual(
    connections.map(({ destroyed }) => destroyed),
    [true, false, true, false, true],
  );
});

test("what was given to one who went without taking it is given to the next; what was taken is not", () => {
  const dealer = createDealer();
  const [one, other] = [playing(), playing()];
  dealer.enter(one.player);
  dealer.enter(other.player);
  const [first, , third] = Array.from({ length: 3 }, () => {
    const connection = new Socket();
    dealer.deal(connection);
    return connection;
  });
  const [{ id } = { id: 0 }] = one.given;
  assert.equal(one.given.length, 2);
  one.given.splice(1);
  one.takeAll();
  assert.ok(id > 0 && first?.destroyed);
  one.go();
  assert.equal(other.given.at(-1)?.connection, third);
  dealer.deal(new Socket());
  assert.equal(other.given.length, 3);
});

test("while nobody is there connections wait for whoever comes; with the dealer's end they go", () => {
  const dealer = createDealer();
  const [early, late] = [new Socket(), new Socket()];
  dealer.deal(early);
  const one = playing();
  dealer.enter(one.player);
  assert.equal(one.given[0]?.connection, early);
  one.go();
  dealer.deal(late);
  dealer.close();
  assert.ok(late.destroyed && early.destroyed);
});
