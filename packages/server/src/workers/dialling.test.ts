import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { TLSSocket } from "node:tls";
import { WebSocket } from "ws";
import { ask, openSocket, until } from "../gateway/testing/browser.ts";
import { enter } from "../gateway/testing/entering.ts";
import { createDialDesk, type Dialler } from "./dial-desk.ts";
import { echo } from "./testing/asking.ts";
import { type Crew, withCrew } from "./testing/crew.ts";

/** Notes what was dialled; `as` is what it is made into before it is given on. */
function noting(as: (socket: Socket) => Duplex) {
  const dialled: Socket[] = [];
  const dialler = (plain: Dialler): Dialler => ({
    dial: async (...asked) => {
      const socket = (await plain.dial(...asked)) as Socket;
      dialled.push(socket);
      return as(socket);
    },
  });
  return { dialled, dialler };
}

async function usesIt({ house }: Crew): Promise<WebSocket> {
  const cookie = await enter(house, house.first);
  const { host, origin } = house.first;
  const body = randomBytes(3_000_000);
  const sunk = await ask(house.port, {
    ...{ host, path: "/sink", method: "PUT", headers: { cookie, origin } },
    body,
  });
  assert.equal(JSON.parse(sunk.body).bytes, body.length);
  const blob = await ask(house.port, { host, path: "/blob?bytes=3000000", headers: { cookie } });
  assert.equal(blob.body.length, 3_000_000);
  const socket = await openSocket(house.port, { host, origin, headers: { cookie } });
  assert.ok(socket instanceof WebSocket);
  assert.equal(await echo(socket, "hello"), "hello");
  return socket;
}

test("a plain socket is handed over: the main process holds it no longer while it is used", async () => {
  const { dialled, dialler } = noting((socket) => socket);
  await withCrew(
    async (crew) => {
      const socket = await usesIt(crew);
      assert.ok(dialled.length > 0 && dialled.every(({ destroyed }) => destroyed));
      assert.equal(await echo(socket, "still"), "still");
      assert.equal(crew.house.inside.webSockets(), 1);
      socket.terminate();
      await until(() => crew.house.inside.webSockets() === 0);
    },
    { dialler },
  );
});

test("what cannot be handed over is spliced: it lives in the main process, and ends with its use", async () => {
  const { dialled, dialler } = noting((socket) => Duplex.from({ readable: socket, writable: socket }));
  await withCrew(
    async (crew) => {
      const socket = await usesIt(crew);
      assert.ok(dialled.some(({ destroyed }) => !destroyed));
      socket.terminate();
      await until(() => crew.house.inside.webSockets() === 0);
    },
    { dialler },
  );
});

test("a socket on which something was said or waits to be said is spliced, so that nothing is lost", async () => {
  const wayOf = async (connection: Duplex) => {
    const desk = createDialDesk(new Map([["one", { dial: async () => connection }]]), {
      keep: () => "token",
    });
    const wanted = { provider: "one", sessionId: "s-1", handle: null, endpoint: "jupyter" } as const;
    return new Promise((resolve) => desk(1, wanted, (dialled) => resolve(dialled.way)));
  };
  const heard = new Socket();
  heard.unshift("early");
  const saying = new Socket();
  saying.cork();
  saying.write("not sent yet");
  assert.deepEqual(await Promise.all([new Socket(), heard, saying, new TLSSocket(new Socket())].map(wayOf)), [
    "handed",
    "spliced",
    "spliced",
    "spliced",
  ]);
});
