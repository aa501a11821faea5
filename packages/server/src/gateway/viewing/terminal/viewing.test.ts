import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import { ask, openSocket, until } from "../../testing/browser.ts";
import { enter, post, ticketTo } from "../../testing/entering.ts";
import { addPlace, type House, type Place, share, withHouse } from "../../testing/house.ts";
import { startTerminal, type Terminal } from "../../testing/terminal.ts";

const rounds = process.env["ENDSTATION_FULL"] === undefined ? 300 : 10_000;

/** Somebody's page of a terminal: what came, and what may be sent. */
interface Page {
  readonly socket: WebSocket;
  screen(): string;
  told(): string[];
}

async function pageOf(house: House, { host, origin }: Place, cookie: string, path: string): Promise<Page> {
  const socket = new WebSocket(`ws://127.0.0.1:${house.port}${path}`, { headers: { host, origin, cookie } });
  const came: Buffer[] = [];
  const told: string[] = [];
  socket.on(
    "message",
    (data: Buffer, isBinary) => void (isBinary ? came.push(data) : told.push(String(data))),
  );
  await once(socket, "open");
  socket.on("error", () => {});
  return { socket, screen: () => Buffer.concat(came).toString(), told: () => told };
}

async function asViewer(
  house: House,
  place: Place,
  account: string,
): Promise<{ place: Place; cookie: string }> {
  await share(house, place, account, "viewer");
  const { url, ticket } = await ticketTo(house, place, { account, relation: "viewer" });
  const answer = await post(house, { url, ticket });
  const cookie = answer.headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "";
  const { host, origin } = new URL(url);
  return { place: { ...place, host, origin }, cookie };
}

interface Scene {
  readonly house: House;
  readonly terminal: Terminal;
  readonly owner: Page;
  readonly viewer: { readonly place: Place; readonly cookie: string };
  /** Types as the owner, and waits for what comes of it. */
  run(line: string, wanted: string): Promise<void>;
}

async function withScene(act: (scene: Scene) => Promise<void>): Promise<void> {
  const terminal = await startTerminal();
  try {
    await withHouse(async (house) => {
      const place = await addPlace(house, "ada", terminal.socket, "terminal");
      const owner = await pageOf(house, place, await enter(house, place), "/shell/type");
      const run = async (line: string, wanted: string) => {
        const before = owner.screen().length;
        owner.socket.send(JSON.stringify({ type: "input", text: `${line}\n` }));
        await until(() => owner.screen().slice(before).includes(wanted));
      };
      await run("echo rea''dy", "ready\r\n");
      await act({ house, terminal, owner, viewer: await asViewer(house, place, "bob"), run });
    });
  } finally {
    await terminal.close();
  }
}

const watching = ({ house, viewer }: Scene, path = "/shell/look") =>
  pageOf(house, viewer.place, viewer.cookie, path);

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

/** What a viewer's page, or somebody in its place, may send. */
const texts: readonly ((n: number) => string)[] = [
  (n) => JSON.stringify({ type: "input", text: `touch ~/by-viewer-${n}\n` }),
  () => JSON.stringify({ type: "input", text: "\u0003" }),
  () => JSON.stringify({ type: "input", text: "exit\n" }),
  (n) => JSON.stringify({ type: "bytes", base64: Buffer.from(`kept=${n}\n`).toString("base64") }),
  (n) => JSON.stringify({ type: "size", columns: 10 + (n % 200), rows: 5 + (n % 50) }),
  (n) => JSON.stringify({ type: "shown", offset: n * 1_000_000 }),
  () => "exit\n",
  () => "\u0004",
];

function mutated(text: string): string {
  const at = randomInt(text.length + 1);
  const how = randomInt(4);
  if (how === 0) return text.slice(0, at) + String.fromCharCode(randomInt(0xd7ff)) + text.slice(at);
  if (how === 1) return text.slice(0, at) + text.slice(at + 1);
  if (how === 2) return text + text;
  return text;
}

/** One message; some are no text, no WebSocket's frame, or a request. Answers when it has gone out. */
async function sendOne({ house, viewer }: Scene, { socket }: Page, n: number): Promise<void> {
  const text = mutated((texts[randomInt(texts.length)] as (typeof texts)[number])(n));
  const how = randomInt(12);
  if (how === 0) {
    const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    const paths = ["/", "/look", "/shell/type", "/shell/look", "/status", `/${encodeURIComponent(text)}`];
    const [method, path] = [methods[randomInt(5)] as string, paths[randomInt(6)] as string];
    const headers = { cookie: viewer.cookie, origin: viewer.place.origin };
    const body = method === "GET" ? {} : { body: text };
    // A refused request's connection is closed, whatever else was on it.
    return void (await ask(house.port, { ...body, host: viewer.place.host, method, path, headers }).catch(
      () => {},
    ));
  }
  if (how === 1) socket.ping(text.slice(0, 100));
  else if (how === 2)
    (socket as unknown as { _socket: { write(data: Buffer): void } })._socket.write(Buffer.from(text));
  else if (how === 3) socket.close(3000 + (n % 1000), "bye");
  else socket.send(how < 6 ? Buffer.from(text) : text, () => {});
}

test(`view-only fuzz: ${rounds} messages of a viewer's change nothing, and the owner's typing still arrives`, () =>
  withScene(async (scene) => {
    const { owner, run, terminal } = scene;
    await run("kept=42; echo kept > ~/file; echo do''ne", "done\r\n");
    const state =
      "set | grep -vE '^(_|BASH|LINENO|RANDOM|SECONDS|SRANDOM|EPOCH|PIPESTATUS|HISTCMD)'; ls -lA --full-time ~; stty -a; jobs";
    const look = async (n: number) => {
      const before = owner.screen().length;
      await run(`echo state-${n} $({ ${state}; } | sha256sum)`, `\r\n`);
      const found = new RegExp(`state-${n} ([0-9a-f]{64})`);
      await until(() => found.test(owner.screen().slice(before)));
      return { digest: found.exec(owner.screen().slice(before))?.[1], processes: terminal.processes() };
    };
    const first = await look(0);
    let page = await watching(scene);
    for (let n = 1; n <= rounds; n += 1) {
      const before = owner.screen();
      if (page.socket.readyState !== WebSocket.OPEN) page = await watching(scene);
      await sendOne(scene, page, n);
      if (n % 50 !== 0 && n !== rounds) continue;
      assert.equal(owner.screen(), before, "something came on the owner's screen");
      assert.deepEqual(await look(n), first, `after ${n} messages`);
    }
    const last = await watching(scene);
    await until(() => last.screen().includes(`state-${rounds} ${first.digest}`));
  }));
