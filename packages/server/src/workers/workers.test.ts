import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { WebSocket } from "ws";
import { ask, until } from "../gateway/testing/browser.ts";
import { enter } from "../gateway/testing/entering.ts";
import { addPlace, type House, happen, share } from "../gateway/testing/house.ts";
import { letOut } from "../store/session-testing.ts";
import { askBy, echo, webSocketBy } from "./testing/asking.ts";
import { type Crew, onlyNotified, withCrew } from "./testing/crew.ts";
import { connectToEach } from "./testing/holders.ts";

/** A WebSocket of one person in each of the workers. */
async function inEach({ house, workers }: Crew, cookie: string): Promise<Map<number, WebSocket>> {
  const connections = await connectToEach(house.port, workers.pids());
  const opened = new Map<number, WebSocket>();
  for (const [pid, connection] of connections)
    opened.set(pid, await webSocketBy(connection, house.first, cookie));
  return opened;
}

const areClosed = (sockets: Iterable<WebSocket>) =>
  [...sockets].every(({ readyState }) => readyState === WebSocket.CLOSED);

/** Cut in every worker by what the store says alone: nobody looks by himself in this time. */
async function cutEverywhere(crew: Crew, lose: (house: House) => Promise<unknown>): Promise<void> {
  const { house } = crew;
  await share(house, house.first, "bob", "member");
  const sockets = await inEach(crew, await enter(house, house.first, { account: "bob" }));
  await lose(house);
  const began = performance.now();
  await until(() => areClosed(sockets.values()));
  console.log(`figure: cut in ${sockets.size} workers ${Math.round(performance.now() - began)} ms after it`);
}

test("R83 a share that is taken back, and a session that ends, are known in every worker because the store says so", () =>
  withCrew(
    async (crew) => {
      await cutEverywhere(crew, ({ store, first }) => letOut(store, first.session.id, "bob"));
      await cutEverywhere(crew, (house) =>
        happen(house, house.first, { type: "stop-requested", reason: "user", by: "ada" }),
      );
    },
    { limits: onlyNotified },
  ));

test("a right that is lost without a word is found out in every worker", () =>
  withCrew(async (crew) => {
    await cutEverywhere(crew, ({ database }) => database.db.deleteFrom("shares").execute());
  }));

test("a session that begins is there in every worker; one entered through one is entered in all", () =>
  withCrew(
    async ({ house, workers }) => {
      const place = await addPlace(house, "eve", house.inside.socket);
      const cookie = await enter(house, place);
      for (const connection of (await connectToEach(house.port, workers.pids())).values()) {
        const told = await askBy(connection, { host: place.host, path: "/a", headers: { cookie } });
        assert.deepEqual([told.status, told.body], [200, '{"url":"/a"}']);
      }
    },
    { limits: onlyNotified },
  ));

test("a worker that is killed takes its own connections along, and no other, and is replaced", () =>
  withCrew(async (crew) => {
    const { house, workers } = crew;
    const cookie = await enter(house, house.first);
    const sockets = await inEach(crew, cookie);
    const [doomed = 0, kept = 0] = workers.pids();
    const load = await startLoad(crew, cookie, kept);
    await load.goesOn();
    process.kill(doomed, "SIGKILL");
    await until(() => areClosed([sockets.get(doomed) as WebSocket]));
    await until(() => workers.pids().length === 2 && !workers.pids().includes(doomed));
    await load.goesOn();
    await load.end();
    assert.equal(await echo(sockets.get(kept) as WebSocket, "still here"), "still here");
    const anew = await connectToEach(house.port, workers.pids());
    for (const connection of anew.values())
      assert.equal((await askBy(connection, { host: house.first.host, headers: { cookie } })).status, 200);
  }));

/** Asks again and again by connections of one worker; anything that is not answered well is told by whoever waits for it. */
async function startLoad({ house, workers }: Crew, cookie: string, pid: number) {
  let answered = 0;
  let ending = false;
  const connections = [
    await connectToEach(house.port, workers.pids()),
    await connectToEach(house.port, workers.pids()),
  ].map((each) => each.get(pid) as Socket);
  const ask = async (connection: Socket) => {
    while (!ending) {
      const told = await askBy(connection, { host: house.first.host, headers: { cookie } });
      assert.equal(told.status, 200, told.body);
      answered += 1;
    }
  };
  let failure: unknown = null;
  const asking = Promise.all(connections.map(ask)).catch((error: unknown) => {
    failure = error;
  });
  const goesOn = async () => {
    const before = answered;
    await until(() => failure !== null || answered > before + 20);
    assert.equal(failure, null);
  };
  const end = async () => {
    ending = true;
    await asking;
    assert.equal(failure, null);
  };
  return { goesOn, end };
}

test("a session that does not answer is told of as such; one nobody entered looks like none", () =>
  withCrew(async ({ house }) => {
    const place = await addPlace(house, "eve", "/nowhere");
    const cookie = await enter(house, place);
    const told = await ask(house.port, { host: place.host, headers: { cookie } });
    assert.equal(JSON.parse(told.body).code, "session-unreachable");
    const stranger = await ask(house.port, { host: place.host });
    assert.equal(stranger.status, 404);
  }));
