import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { ask, openSocket, until } from "../../testing/browser.ts";
import { watching, withScene } from "../../testing/terminal-scene.ts";

test("a viewer is led to a page that looks on, and gets its files and nothing else", () =>
  withScene(async ({ house, viewer }) => {
    const get = (path: string, method = "GET") =>
      ask(house.port, { host: viewer.place.host, path, method, headers: { cookie: viewer.cookie } });
    const first = await get("/");
    assert.deepEqual([first.status, first.headers.location], [303, "/look"]);
    for (const path of ["/look", "/look?x=1", "/main.mjs", "/xterm.mjs", "/terminal.css", "/status"])
      assert.equal((await get(path)).status, 200, path);
    assert.match((await get("/look")).body, /You|View only/);
    for (const path of ["/shell/look", "/shell/type", "/nothing", "/xterm.LICENSE.txt"])
      assert.equal((await get(path)).status, 403, path);
    assert.equal((await get("/look", "DELETE")).status, 403);
  }));

test("a viewer sees what the owner types as it comes, and may not have the shell that takes it", () =>
  withScene(async (scene) => {
    const { house, owner, viewer, run } = scene;
    const page = await watching(scene);
    await until(() => page.screen().includes("ready\r\n"));
    await run("echo for ev''erybody", "for everybody\r\n");
    await until(() => page.screen().includes("for everybody\r\n"));
    owner.socket.send(JSON.stringify({ type: "size", columns: 91, rows: 21 }));
    await until(() => page.told().some((one) => one.includes('"columns": 91')));
    const { host, origin } = viewer.place;
    const headers = { cookie: viewer.cookie };
    for (const path of ["/shell/type", "/shell/look/../type", "/shell/%74ype", "/shell"])
      assert.notEqual(typeof (await openSocket(house.port, { host, origin, path, headers })), "object", path);
    const shell = JSON.parse(page.told()[0] ?? "").shell as string;
    const again = await watching(scene, `/shell/look?shell=${shell}&from=10`);
    await until(() => again.told().length > 0);
    assert.equal(JSON.parse(again.told()[0] ?? "").fresh, false);
    const forged = await watching(scene, `/shell/look?shell=${shell}&from=10&more=1`);
    await until(() => forged.told().length > 0);
    assert.equal(JSON.parse(forged.told()[0] ?? "").fresh, true, "what she added was not passed on");
  }));

test("R48 one key that the owner presses counts as activity in the session; who looks on keeps nothing alive", () =>
  withScene(async (scene) => {
    const { house, owner } = scene;
    house.later += 120_000;
    house.activity.length = 0;
    const page = await watching(scene);
    await until(() => page.told().some((one) => one.includes('"live"')));
    page.socket.send(JSON.stringify({ type: "input", text: "a" }));
    await until(() => page.socket.readyState === WebSocket.OPEN);
    assert.deepEqual(house.activity, []);
    owner.socket.send(JSON.stringify({ type: "input", text: "a" }));
    await until(() => house.activity.length === 1);
  }));
