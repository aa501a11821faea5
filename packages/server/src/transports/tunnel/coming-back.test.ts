import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../gateway/testing/browser.ts";
import { testPostgres, withDatabase } from "../../store/testing.ts";
import { createTunnelKeys } from "../../store/tunnel-keys.ts";
import type { TunnelOptions } from "./index.ts";
import { memoryKeys } from "./testing/memory-keys.ts";
import { ask, dial, type Place, startSession, ways, withPlace } from "./testing/place.ts";

const calm = new AbortController().signal;
/** What is cut is cut at once, not when somebody looks. */
const neverPing = { limits: { ping: 600_000, silence: 600_000 } };

for (const way of ways)
  test(`${way}: the portal is killed and made anew: the launcher comes back, its child never noticed`, () =>
    withDatabase((database) =>
      withPlace(
        async (place) => {
          const elsewhere = await otherProcess(place, database.pool.options as { database: string });
          const of = place.attempt();
          const folder = await place.layDown(of, way, {
            ticket: way === "network" ? { port: elsewhere.port } : {},
          });
          await place.tunnels.close();
          const launched = place.start(folder);
          await until(() => launched.said().includes("connected"));
          elsewhere.process.kill("SIGKILL");
          await once(elsewhere.process, "exit");
          await until(() => launched.said().includes("no connection"));

          const anew = await place.open({ network: networkAt(place, elsewhere.port) });
          const pid = await ask(anew, of, "tell");
          assert.equal(sockets(place).length, 1, "the dead portal's socket is gone");
          await anew.close();
          const oncemore = await place.open({ network: networkAt(place, elsewhere.port) });
          assert.equal(await ask(oncemore, of, "tell"), pid);
        },
        { keys: createTunnelKeys(database) },
      ),
    ));

test("each of several portals reaches the session, however often one comes or goes", () => {
  const keys = memoryKeys();
  let renewing = 0;
  let atOnce = 0;
  const slowly: TunnelOptions["keys"] = {
    ...keys,
    exchange: async (of, presented, next) => {
      renewing += 1;
      atOnce = Math.max(atOnce, renewing);
      await sleep(20);
      renewing -= 1;
      return keys.exchange(of, presented, next);
    },
  };
  return withPlace(
    async (place) => {
      const { of } = await startSession(place, "folder");
      for (let round = 0; round < 5; round += 1) {
        const [one, other] = await Promise.all([place.open(), place.open()]);
        for (const portal of [one, other, place.tunnels]) assert.equal(await ask(portal, of, "echo"), "");
        await Promise.all([one.close(), other.close()]);
      }
      assert.equal(sockets(place).length, 1);
      assert.equal(atOnce, 1, "keys that are renewed at once overtake each other");
    },
    { keys: slowly },
  );
});

test("a key that was overtaken while it was offered locks nobody out", () => {
  const keys = memoryKeys();
  let late: (() => Promise<unknown>) | null = null;
  // As if another portal, asked with the same key and given up, did its part only now.
  const overtaken: TunnelOptions["keys"] = {
    ...keys,
    exchange: async (of, presented, next) => {
      const known = await keys.exchange(of, presented, next);
      late ??= () => keys.exchange(of, presented, Buffer.alloc(32));
      if (known) await late();
      late = async () => {};
      return known;
    },
  };
  return withPlace(
    async (place) => {
      const { of } = await startSession(place, "folder");
      assert.equal(await ask(place.tunnels, of, "echo"), "");
    },
    { keys: overtaken },
  );
});

for (const way of ways)
  test(`${way}: revoked, all that is open is cut, the launcher tries no more, and its child lives on`, () =>
    withPlace(async (place) => {
      const { of, launched } = await startSession(place, way);
      const spared = await startSession(place, way);
      const open = await dial(place.tunnels, of);
      open.write("echo\nfirst");
      await once(open, "data");
      await place.tunnels.revoke(of);
      await until(() => open.destroyed);
      await until(() => launched.said().includes("does not let this session in any more"));
      await assert.rejects(place.tunnels.dial(of, "jupyter", calm), { name: "Unavailable" });
      assert.equal(launched.process.exitCode, null);
      assert.equal(await ask(place.tunnels, spared.of, "echo"), "");
    }, neverPing));

test("what one portal process revokes, the others cut", () =>
  withPlace(
    async (place) => {
      const other = await place.open();
      const { of } = await startSession(place, "folder");
      const open = await dial(other, of);
      await place.tunnels.revoke(of);
      await until(() => open.destroyed);
      await assert.rejects(other.dial(of, "jupyter", calm), { name: "Unavailable" });
    },
    { limits: { ping: 100, silence: 30_000 } },
  ));

function sockets(place: Place): string[] {
  return readdirSync(place.options.folder).filter((name) => name.endsWith(".sock"));
}

function networkAt(place: Place, port: number): TunnelOptions["network"] {
  return place.options.network === null ? null : { ...place.options.network, port };
}

/** A portal of its own process, which can be killed. */
async function otherProcess(place: Place, { database }: { database: string }) {
  const { connection } = await testPostgres();
  const { secret, folder, network } = place.options;
  const given = { connection: { ...connection, database }, secret: secret.toString("hex"), folder, network };
  const script = join(import.meta.dirname, "testing/portal-process.ts");
  const process_ = spawn(process.execPath, [script, JSON.stringify(given)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(process_.stdout, "data");
  return { process: process_, port: Number(String(line)) };
}
