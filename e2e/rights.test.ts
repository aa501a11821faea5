import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type RouteName, routes } from "@endstation/api";
import { type Asked, type Asker, askers, rights, type Things } from "./rights-table.ts";
import { type InProcessPortal, startInProcess } from "./support/in-process.ts";
import { logIn, type Person } from "./support/person.ts";

const accounts: Readonly<Partial<Record<Asker, string>>> = {
  stranger: "other",
  peer: "member",
  sharer: "local-contact",
  owner: "pi",
  support: "support",
  admin: "admin",
};

type Ask = (path: string, init: RequestInit) => Promise<Response>;

let portal: InProcessPortal;
let asks: ReadonlyMap<Asker, Ask>;
let things: Things;
/** The last problem each was answered with. */
const said = new Map<Asker, string>();

async function thingsOf(owner: Person, peer: Person, token: string): Promise<Things> {
  const dataset = "lrmecs-3701-mgb2-8k";
  const { id } = await owner.call("startSession", { body: { environment: "nexus", datasets: [dataset] } });
  for (let turn = 0; turn < 300; turn += 1) {
    if ((await owner.call("getSession", { id })).phase === "running") break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal((await owner.call("getSession", { id })).phase, "running");
  await owner.call("share", { id, body: { account: "local-contact", as: "member" } });
  const link = (await owner.call("makeLink", { id, body: { as: "viewer" } })).id;
  const request = (await peer.call("askToJoin", { id, body: { as: "viewer" } })).id;
  return { session: id, dataset, proposal: "ipns-2001-mgb2", file: "chopper.nxs", token, link, request };
}

function withBearer(init: RequestInit, token: string): RequestInit {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${token}`);
  return { ...init, headers };
}

async function statusFor(asker: Asker, asked: Asked): Promise<number> {
  const body = asked.body?.(things);
  const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const gone = new AbortController();
  const answer = await (asks.get(asker) as Ask)(`/api/v1${asked.path(things)}`, {
    method: asked.method ?? "GET",
    headers,
    signal: gone.signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const isStream = answer.headers.get("content-type") === "text/event-stream";
  if (isStream) gone.abort();
  else await tidy(asker, asked, answer);
  return answer.status;
}

/** What a cell of the table started is stopped, so that the next cell is not over the limit. */
async function tidy(asker: Asker, asked: Asked, answer: Response): Promise<void> {
  const text = await answer.text();
  if (answer.status >= 400) said.set(asker, text);
  if (answer.status >= 500) assert.fail(`${asker}: ${asked.path(things)} answered ${text}`);
  if (answer.status !== 201 || asked.path(things) !== "/sessions") return;
  const { id } = JSON.parse(text) as { id: string };
  await (asks.get(asker) as Ask)(`/api/v1/sessions/${id}/stop`, { method: "POST" });
}

describe("R3 R19 R83 rights on every call", () => {
  before(async () => {
    portal = await startInProcess();
    const people = new Map<Asker, Person>();
    for (const [asker, account] of Object.entries(accounts))
      people.set(asker as Asker, await logIn(portal.url, account));
    const owner = people.get("owner") as Person;
    const reading = await owner.call("makeToken", { body: { name: "reads", scopes: ["read"] } });
    const revoked = await owner.call("makeToken", { body: { name: "to be revoked", scopes: ["read"] } });
    things = await thingsOf(owner, people.get("peer") as Person, revoked.id);
    asks = new Map<Asker, Ask>([
      ["nobody", (path, init) => fetch(portal.url + path, init)],
      ["token", (path, init) => fetch(portal.url + path, withBearer(init, reading.token))],
      ...[...people].map(([asker, person]) => [asker, person.fetch] as const),
    ]);
  });

  after(() => portal.close());

  test("every call of the API is in the table of rights", () => {
    const missing = (Object.keys(routes) as RouteName[]).filter((name) => !(name in rights));
    assert.deepEqual(missing, []);
    for (const [name, cells] of Object.entries(rights))
      for (const { answers } of cells) assert.equal(answers.length, askers.length, name);
  });

  for (const [name, cells] of Object.entries(rights))
    for (const asked of cells)
      test(`R3 R19 R83 ${name} answers each as the table says`, async () => {
        const got: Record<string, number> = {};
        for (const asker of askers) got[asker] = await statusFor(asker, asked);
        const wanted = Object.fromEntries(askers.map((asker, index) => [asker, asked.answers[index]]));
        const told = askers
          .filter((asker) => got[asker] !== wanted[asker])
          .map((asker) => `${asker}: ${said.get(asker)}`);
        assert.deepEqual(
          got,
          wanted,
          told.length === 0 ? undefined : `${JSON.stringify(got)} ${told.join("; ")}`,
        );
      });

  test("R83 R134 a share gives no right to the team's results, and nobody is support by being called so", async () => {
    const owner = asks.get("owner") as Ask;
    const send = (path: string, body: unknown) =>
      owner(`/api/v1${path}`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      });
    const { id } = (await (
      await send("/sessions", { environment: "nexus", proposal: things.proposal })
    ).json()) as { id: string };
    assert.equal((await send(`/sessions/${id}/shares`, { account: "guest", as: "member" })).status, 403);
    assert.equal((await send(`/sessions/${id}/shares`, { account: "other", as: "member" })).status, 403);
    assert.equal(
      (await send(`/sessions/${id}/shares`, { account: "local-contact", as: "support" })).status,
      403,
    );
    assert.equal(
      (await send(`/sessions/${id}/shares`, { account: "local-contact", as: "member" })).status,
      201,
    );
    await send(`/sessions/${id}/stop`, {});
  });

  test("R49 nobody has more than twenty event streams open", async () => {
    const gone = new AbortController();
    const statuses: number[] = [];
    for (let index = 0; index < 21; index += 1)
      statuses.push((await (asks.get("stranger") as Ask)("/api/v1/events", { signal: gone.signal })).status);
    gone.abort();
    assert.deepEqual([statuses.slice(0, 20).every((status) => status === 200), statuses[20]], [true, 429]);
  });
});
