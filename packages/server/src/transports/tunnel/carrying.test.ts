import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../gateway/testing/browser.ts";
import type { Attempt } from "./index.ts";
import { ask, dial, type Place, startSession, ways, withPlace } from "./testing/place.ts";

const mib = 1024 * 1024;
const size = 64 * mib;
/** More than this is nowhere on the way: kernel buffers of two connections and a few chunks. */
const mostOnTheWay = 24 * mib;
const chunk = Buffer.alloc(64 * 1024, "endstation ");

for (const way of ways)
  test(`${way}: 64 MiB each way arrive whole, and each direction ends by itself`, () =>
    withPlace(async (place) => {
      const { of } = await startSession(place, way);
      const up = await dial(place.tunnels, of);
      up.write("count\n");
      const digest = await send(up, size);
      up.end();
      assert.equal((await up.toArray()).join(""), `${size} ${digest}`);

      const down = await dial(place.tunnels, of);
      down.write(`give ${size}\n`);
      assert.equal(await lengthOf(down), size);

      const echo = await dial(place.tunnels, of);
      echo.write("echo\n");
      const back = lengthOf(echo);
      await send(echo, size);
      echo.end();
      assert.equal(await back, size);
    }));

for (const way of ways)
  test(`${way}: a session that has ended its direction still takes what comes`, () =>
    withPlace(async (place) => {
      const { of } = await startSession(place, way);
      const stream = await dial(place.tunnels, of);
      stream.write("shut\n");
      assert.equal(await lengthOf(stream), 0);
      await send(stream, size);
      stream.end();
      await until(async () => (await told(place, of)).got === size);
    }));

for (const way of ways)
  test(`${way}: who takes nothing holds the sender back, in either direction, and memory stays bounded`, () =>
    withPlace(async (place) => {
      const { of, launched } = await startSession(place, way);
      const before = process.memoryUsage().rss;
      const reader = await dial(place.tunnels, of);
      reader.write(`give ${1024 * mib}\n`);
      const given = await settled(async () => (await told(place, of)).gave);
      assert.ok(given > 0 && given < mostOnTheWay, `${given} bytes were taken from the session`);
      reader.destroy();

      const writer = await dial(place.tunnels, of);
      writer.write("hold\n");
      let sent = 0;
      void (async () => {
        while (!writer.destroyed) {
          if (!writer.write(chunk)) await once(writer, "drain").catch(() => {});
          sent += chunk.length;
        }
      })();
      const taken = await settled(async () => sent);
      assert.ok(taken > 0 && taken < mostOnTheWay, `${taken} bytes were taken from the portal`);
      writer.destroy();

      const grown = process.memoryUsage().rss - before;
      const relay = residentOf(launched.process.pid as number);
      console.log(
        `figure: ${way}: relay ${Math.round(relay / mib)} MiB, portal grew ${Math.round(grown / mib)} MiB`,
      );
      assert.ok(relay < 64 * mib, `the relay has ${relay} bytes`);
    }));

for (const way of ways)
  test(`${way}: 200 streams at once`, () =>
    withPlace(async (place) => {
      const { of } = await startSession(place, way);
      const streams = await Promise.all(Array.from({ length: 200 }, () => dial(place.tunnels, of)));
      const answers = streams.map(async (stream, number) => {
        stream.end(`echo\n${number}`);
        return (await stream.setEncoding("utf8").toArray()).join("");
      });
      assert.deepEqual(
        await Promise.all(answers),
        streams.map((_, number) => String(number)),
      );
    }));

for (const way of ways)
  test(`${way}: from inside, the portal answers whom it knows by her tunnel`, () =>
    withPlace(
      async (place) => {
        const [mine, hers] = [await startSession(place, way), await startSession(place, way)];
        assert.equal(await ask(place.tunnels, mine.of, "portal hello"), `${mine.of.sessionId} said hello`);
        assert.equal(await ask(place.tunnels, hers.of, "portal hello"), `${hers.of.sessionId} said hello`);
      },
      {
        onPortal: async (of, connection) => {
          const said = (await connection.setEncoding("utf8").toArray()).join("");
          connection.end(`${of.sessionId} said ${said}`);
        },
      },
    ));

test("from inside, nothing answers where the portal takes nothing, and the tunnel goes on", () =>
  withPlace(async (place) => {
    const { of } = await startSession(place, "folder");
    assert.equal(await ask(place.tunnels, of, "portal hello"), "");
    assert.equal(await ask(place.tunnels, of, "echo"), "");
  }));

async function send(stream: Duplex, bytes: number): Promise<string> {
  const hash = createHash("sha256");
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    hash.update(chunk);
    if (!stream.write(chunk)) await once(stream, "drain");
  }
  return hash.digest("hex");
}

async function lengthOf(stream: Duplex): Promise<number> {
  let length = 0;
  for await (const part of stream.iterator({ destroyOnReturn: false })) length += part.length;
  return length;
}

async function told(place: Place, of: Attempt) {
  return JSON.parse(await ask(place.tunnels, of, "tell")) as { pid: number; got: number; gave: number };
}

/** Waits until a count has stood still for a second, and answers it. */
async function settled(count: () => Promise<number>): Promise<number> {
  let last = -1;
  await until(async () => {
    const before = last;
    await sleep(1_000);
    last = await count();
    return last > 0 && last === before;
  });
  return last;
}

function residentOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
