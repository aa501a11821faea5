import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { until } from "../../gateway/testing/browser.ts";
import type { Attempt } from "./index.ts";
import { helloOf, knock, show } from "./testing/knock.ts";
import { ask, type Place, startSession, withPlace } from "./testing/place.ts";

const calm = new AbortController().signal;

async function keyOf(place: Place, of: Attempt): Promise<string> {
  return JSON.parse(await place.tunnels.ticket(of, "folder")).key;
}

test("a ticket is the same however often, and by whichever process, it is asked for", () =>
  withPlace(async (place) => {
    const of = place.attempt();
    const other = await place.open();
    const first = await place.tunnels.ticket(of, "folder");
    assert.equal(await place.tunnels.ticket(of, "folder"), first);
    assert.equal(await other.ticket(of, "folder"), first);
    assert.notEqual(await keyOf(place, { ...of, attempt: 2 }), JSON.parse(first).key);
  }));

test("the first key is void as soon as the one it was exchanged for is used", () =>
  withPlace(async ({ options: { folder }, ...place }) => {
    const of = place.attempt();
    const first = await keyOf(place as Place, of);
    const lost = await show(folder, of, first, "control");
    lost.hangUp();
    const again = await show(folder, of, first, "control");
    assert.ok(again.answer?.key, "an answer that was lost locks nobody out");
    assert.ok(
      (await show(folder, of, lost.answer?.key ?? "", "stream")).answer?.refused,
      "but is void itself",
    );
    assert.deepEqual((await show(folder, of, again.answer.key, "stream")).answer, {});
    for (const purpose of ["control", "stream", "portal"])
      assert.ok((await show(folder, of, first, purpose)).answer?.refused, purpose);
    assert.ok((await show(folder, of, again.answer.key, "control")).answer?.key);
  }));

test("a key opens no other session's or attempt's tunnel, known or unknown, nor any when it is wrong", () =>
  withPlace(async ({ options: { folder }, ...place }) => {
    const [mine, hers] = [place.attempt(), place.attempt()];
    const key = await keyOf(place as Place, mine);
    await keyOf(place as Place, hers);
    for (const other of [hers, { ...mine, attempt: 2 }, place.attempt()])
      for (const purpose of ["control", "stream", "portal"])
        assert.ok((await show(folder, other, key, purpose)).answer?.refused, purpose);
    for (const wrong of ["", key.slice(1), `${key}A`, key.toUpperCase()])
      assert.ok((await show(folder, mine, wrong, "control")).answer?.refused);
    assert.ok((await show(folder, mine, key, "control")).answer?.key);
  }));

test("whoever says too much, nothing, or no sense is cut without a word", () =>
  withPlace(
    async ({ options: { folder }, ...place }) => {
      const of = place.attempt();
      const hello = helloOf(of, await keyOf(place as Place, of), "control");
      const senseless = [
        "\n",
        "{}\n",
        "[1]\n",
        "GET / HTTP/1.1\n",
        "\0\xff\n",
        hello.replace('"v":1', '"v":2'),
      ];
      const strange = ["../..", "s-short", of.sessionId.toUpperCase()].map((id) =>
        hello.replace(of.sessionId, id),
      );
      const tooLong = hello.replace("\n", `${" ".repeat(4_096)}\n`);
      for (const said of [...senseless, ...strange, tooLong, "x".repeat(100_000), hello.slice(0, 30), ""]) {
        const knocked = knock(folder);
        knocked.socket.write(said);
        assert.equal(await knocked.line(), null, JSON.stringify(said.slice(0, 60)));
      }
      const dripping = knock(folder);
      const drip = setInterval(() => dripping.socket.write("x"), 20);
      assert.equal(await dripping.line(), null);
      clearInterval(drip);
    },
    { limits: { helloWithin: 300 } },
  ));

test("strangers without number keep no launcher out", () =>
  withPlace(
    async (place) => {
      const silent = Array.from({ length: 100 }, () => knock(place.options.folder));
      const gone = silent.map(({ socket }) => once(socket, "close"));
      await Promise.all(gone.slice(0, 80)); // the oldest
      const { of } = await startSession(place, "folder");
      assert.equal(await ask(place.tunnels, of, "echo"), "");
      for (const { socket } of silent) socket.destroy();
    },
    { limits: { strangers: 20, helloWithin: 600_000 } },
  ));

test("a control connection that falls silent, or says what is no ping, is cut; one that pings stays", () =>
  withPlace(
    async ({ options: { folder }, ...place }) => {
      const enter = async () => {
        const of = place.attempt();
        return { of, ...(await show(folder, of, await keyOf(place as Place, of), "control")) };
      };
      const [silent, talking, pinging] = [await enter(), await enter(), await enter()];
      const pings = setInterval(() => pinging.socket.write("\n"), 20);
      talking.socket.write("\n\nhello\n");
      await Promise.all([silent, talking].map(({ socket }) => once(socket, "close")));
      assert.ok(!pinging.socket.destroyed);
      const dialled = place.tunnels.dial(pinging.of, "jupyter", calm);
      await until(async () => (await pinging.line()) === '{"open":1}');
      pinging.hangUp();
      clearInterval(pings);
      await assert.rejects(dialled, { name: "Unavailable" });
      await assert.rejects(place.tunnels.dial(silent.of, "jupyter", calm), { name: "Unavailable" });
    },
    { limits: { ping: 50, silence: 2_000 } },
  ));

test("streams that stand ready are few, say nothing, and serve who waits longest", () =>
  withPlace(
    async ({ options: { folder }, ...place }) => {
      const of = place.attempt();
      const control = await show(folder, of, await keyOf(place as Place, of), "control");
      const key = control.answer?.key ?? "";
      const stream = () => show(folder, of, key, "stream");
      const ready = [await stream(), await stream(), await stream()];
      assert.equal(await (await stream()).line(), null, "one too many");
      ready[0]?.socket.write("x");
      assert.equal(await ready[0]?.line(), null, "it spoke before it was spoken to");
      for (const one of ready.slice(1)) {
        const taken = await place.tunnels.dial(of, "jupyter", calm);
        assert.equal(await one.line(), '{"endpoint":"jupyter"}');
        taken.destroy();
      }
      const calledOff = new AbortController();
      const waiting = [calledOff.signal, calm].map((signal) => place.tunnels.dial(of, "jupyter", signal));
      calledOff.abort();
      await assert.rejects(waiting[0] as Promise<unknown>, { name: "Unavailable" });
      await stream();
      (await waiting[1])?.destroy();
    },
    { limits: { spares: 3 } },
  ));
