import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { routes } from "@endstation/api";
import { EndstationError } from "@endstation/core";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { registerApi } from "./api.ts";
import { createApp } from "./app.ts";
import { registerErrorPage } from "./error-page.ts";
import type { Handlers } from "./handlers.ts";
import { listenOn } from "./listen.ts";
import { registerOpenApi } from "./openapi.ts";

const principal = { account: "pi", name: "Pi", email: null, roles: [], scopes: null };

/** Every call answers that nothing is there, `listFlavours` breaks. */
const handlers = {
  ...Object.fromEntries(
    Object.keys(routes).map((name) => [
      name,
      async () => {
        throw new EndstationError("not-found", "nothing of the kind");
      },
    ]),
  ),
  listFlavours: async () => {
    throw new TypeError("secret detail of a mistake");
  },
} as unknown as Handlers;

describe("the portal's answers to bad requests", () => {
  let app: FastifyInstance;
  let port = 0;
  let isKnown = true;

  before(async () => {
    const front = { handleRequest: () => false, handleUpgrade: () => false };
    app = await createApp({ log: pino({ level: "silent" }), front, trustedProxies: [] });
    registerApi(app, handlers, async () => (isKnown ? principal : null));
    await registerOpenApi(app, "http://localhost");
    await registerErrorPage(app);
    await listenOn(app, ["127.0.0.1"], 0);
    port = (app.server.address() as { port: number }).port;
  });
  after(() => app.close());

  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return { status: answer.status, type: answer.headers.get("content-type"), body: await answer.text() };
  };
  const post = (path: string, body: string, type = "application/json") =>
    ask(path, { method: "POST", body, headers: { "content-type": type } });
  const codeOf = ({ body }: { body: string }) => (JSON.parse(body) as { code: string }).code;

  test("a body of the wrong shape names every field; one that is not JSON, or of another type, is malformed", async () => {
    const wrong = await post(
      "/api/v1/sessions",
      JSON.stringify({ environment: 7, datasets: "all", colour: "red" }),
    );
    assert.equal(wrong.status, 400);
    assert.match(wrong.type ?? "", /^application\/problem\+json/);
    const { code, errors } = JSON.parse(wrong.body) as { code: string; errors: { path: string }[] };
    assert.equal(code, "malformed-request");
    assert.deepEqual(errors.map(({ path }) => path).sort(), ["body", "body.datasets", "body.environment"]);
    for (const bad of [
      await post("/api/v1/sessions", "{"),
      await post("/api/v1/sessions", "a", "text/plain"),
    ])
      assert.deepEqual([bad.status, codeOf(bad)], [400, "malformed-request"]);
  });

  test("a body of 10 MB is refused before it is read", async () => {
    const answer = await post("/api/v1/sessions", JSON.stringify({ environment: "x".repeat(10_000_000) }));
    assert.deepEqual([answer.status, codeOf(answer)], [413, "request-too-large"]);
  });

  test("unknown addresses, ids and cursors are the client's mistake", async () => {
    for (const [path, status] of [
      ["/api/v1/nothing", 404],
      ["/api/v2/me", 404],
      ["/api/v1/sessions/s-1", 400],
      ["/api/v1/sessions/%00", 400],
      ["/api/v1/sessions?limit=1000", 400],
      ["/api/v1/datasets?from=yesterday", 400],
      ["/api/v1/datasets/%zz", 400],
      [`/api/v1/datasets/${"x".repeat(5_000)}`, 400],
    ] as const) {
      const answer = await ask(path);
      assert.equal(answer.status, status, `${path.slice(0, 60)}: ${answer.body.slice(0, 200)}`);
    }
  });

  test("a mistake of ours says nothing of itself but an id for the log", async () => {
    const answer = await ask("/api/v1/flavours");
    assert.deepEqual([answer.status, codeOf(answer)], [500, "internal"]);
    assert.doesNotMatch(answer.body, /secret|TypeError|stack|\.ts/);
  });

  test("what is not HTTP is answered with a problem too, and the line is closed", async () => {
    const text = await new Promise<string>((resolve, reject) => {
      let heard = "";
      const socket = connect(port, "127.0.0.1", () => socket.write("NONSENSE\r\n\r\n"));
      socket.on("data", (chunk) => {
        heard += chunk;
      });
      socket.once("end", () => resolve(heard));
      socket.once("error", reject);
    });
    assert.match(text, /^HTTP\/1\.1 400 /);
    assert.match(text, /"code":"malformed-request"/);
  });

  test("a hundred upgrades that are reset at once do not end the portal", async () => {
    const upgrade = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const resets = Array.from({ length: 100 }, async () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      await new Promise((resolve) => socket.write(upgrade, resolve));
      socket.resetAndDestroy();
    });
    await Promise.all(resets);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal((await ask("/openapi.json")).status, 200);
  });

  test("one who is not logged in is told so before her body is read, and may send little where she may send", async () => {
    const big = JSON.stringify({ name: "x".repeat(20_000) });
    assert.deepEqual([(await post("/api/v1/device", big)).status], [413]);
    isKnown = false;
    try {
      assert.equal((await post("/api/v1/sessions", "{ not even JSON")).status, 401);
    } finally {
      isKnown = true;
    }
  });

  test("R135 the API describes every call, and can be browsed", async () => {
    const { openapi, paths } = JSON.parse((await ask("/openapi.json")).body) as {
      openapi: string;
      paths: Record<string, Record<string, unknown>>;
    };
    assert.match(openapi, /^3\.1/);
    for (const { method, path } of Object.values(routes))
      assert.ok(paths[`/api/v1${path}`]?.[method.toLowerCase()] !== undefined, `${method} ${path}`);
    assert.equal((await ask("/docs/")).status, 200);
    const { type } = JSON.parse((await ask("/api/v1/nothing")).body) as { type: string };
    assert.match((await ask(type)).body, /## not-found/, "a problem's type leads to what it means");
  });
});

test("an address that this machine does not have is left out, one that is taken is not", async () => {
  const front = { handleRequest: () => false, handleUpgrade: () => false };
  const options = { log: pino({ level: "silent" }), front, trustedProxies: [] };
  const first = await createApp(options);
  await listenOn(first, ["127.0.0.1", "192.0.2.1", "::1"], 0);
  const { port } = first.server.address() as { port: number };
  const second = await createApp(options);
  await assert.rejects(listenOn(second, ["127.0.0.1"], port), { code: "EADDRINUSE" });
  await Promise.all([first.close(), second.close()]);
});
