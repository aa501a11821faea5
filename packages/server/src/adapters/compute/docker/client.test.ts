import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Rejected, Unavailable } from "@endstation/core";
import { Engine } from "./client.ts";

/** Engines of other versions and in trouble, which the real one here is not. */
async function withEngine(answer: RequestListener, body: (engine: Engine) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "est-engine-"));
  const socket = join(folder, "docker.sock");
  const server = createServer(answer).listen(socket);
  await once(server, "listening");
  const engine = new Engine(socket, "0123456789ab");
  try {
    await body(engine);
  } finally {
    await engine.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
}

const speaking = (ApiVersion: string, MinAPIVersion: string, rest: RequestListener): RequestListener => {
  return (request, response) =>
    request.url === "/version"
      ? response.end(JSON.stringify({ ApiVersion, MinAPIVersion }))
      : rest(request, response);
};

const refusing = (status: number, message: string) =>
  speaking("1.41", "1.12", (_, response) => response.writeHead(status).end(JSON.stringify({ message })));

test("the version is the newest that both speak; an engine that is too old or too new is said to be", async () => {
  const cases = [
    ["1.41", "1.12", "/v1.41/"],
    ["1.43", "1.24", "/v1.43/"],
    ["1.99", "1.44", "/v1.51/"],
  ] as const;
  for (const [newest, oldest, expected] of cases) {
    const asked: string[] = [];
    await withEngine(
      speaking(newest, oldest, ({ url = "" }, response) => {
        asked.push(url);
        response.end("[]");
      }),
      async (engine) => assert.deepEqual(await engine.list(), []),
    );
    assert.ok(asked[0]?.startsWith(expected), asked[0]);
  }
  for (const [newest, oldest] of [
    ["1.40", "1.12"],
    ["2.0", "1.60"],
  ] as const)
    await withEngine(
      speaking(newest, oldest, (_, response) => response.end("[]")),
      (engine) =>
        assert.rejects(
          engine.list(),
          (error) => error instanceof Unavailable && error.message.includes(newest),
        ),
    );
});

test("an answer that is not understood, or none, is an outage and never an empty list", async () => {
  for (const text of ["", "null", "{}", "<html>", '[{"Id":1}]'])
    await withEngine(
      speaking("1.41", "1.12", (_, response) => response.end(text)),
      (engine) => assert.rejects(engine.list(), Unavailable, text),
    );
  await withEngine(
    speaking("1.41", "1.12", (_, response) => response.destroy()),
    (engine) => assert.rejects(engine.list(), Unavailable),
  );
  const nowhere = new Engine("/nonexistent/docker.sock", "0");
  await assert.rejects(nowhere.list(), Unavailable);
  await nowhere.close();
});

test("unknown fields are passed over", async () => {
  const listed = { Id: "1", Names: ["/x"], State: "running", Created: 1, Health: { new: true } };
  await withEngine(
    speaking("1.41", "1.12", (_, response) => response.end(JSON.stringify([listed]))),
    async (engine) => assert.equal((await engine.list())[0]?.State, "running"),
  );
});

test("what a second try may cure is told from what it cannot", async () => {
  const start = (status: number, message: string, expected: typeof Unavailable | typeof Rejected) =>
    withEngine(refusing(status, message), (engine) =>
      assert.rejects(engine.start("x"), (error: Error) => {
        assert.ok(error instanceof expected, `${status} ${message}: ${error}`);
        return error.message.includes(message);
      }),
    );
  await start(400, "bind source path does not exist: /x", Rejected);
  await start(500, "OCI runtime create failed: runc create failed: no such file", Rejected);
  await start(500, 'could not select device driver "" with capabilities: [[gpu]]', Rejected);
  await start(500, "mkdir /x: no space left on device", Rejected);
  await start(500, "ttrpc: closed: unknown", Unavailable);
  await start(503, "shutting down", Unavailable);
  await start(429, "slow down", Unavailable);
});

test("what an engine has lost while it started it can be made anew", async () => {
  for (const message of ["task 83683ed8: already exists: unknown", "id already in use"])
    await withEngine(refusing(500, message), async (engine) =>
      assert.equal(await engine.start("x"), "stale"),
    );
});

test("what is not there is an answer, not an error", async () => {
  await withEngine(refusing(404, "No such container: x"), async (engine) => {
    assert.equal(await engine.inspect("x"), null);
    assert.equal((await engine.logs("x", 10)).length, 0);
    await engine.stop("x", 1);
    await engine.remove("x");
    await assert.rejects(engine.start("x"), Unavailable);
  });
  await withEngine(refusing(409, "Conflict"), async (engine) =>
    assert.equal(await engine.create("x", {}), "there"),
  );
});

test("a stream of lines is read however it is cut, and a broken one is an outage", async () => {
  const line = (name: string) => `${JSON.stringify({ Action: "die", Actor: { Attributes: { name } } })}\n`;
  const text = `${line("ü-1")}\n${line("ü-2")}`;
  await withEngine(
    speaking("1.41", "1.12", (_, response) => {
      for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]));
      setTimeout(() => response.destroy(), 50);
    }),
    async (engine) => {
      const names: (string | undefined)[] = [];
      const reading = async () => {
        for await (const event of engine.events(0, new AbortController().signal))
          names.push(event.Actor.Attributes["name"]);
      };
      await assert.rejects(reading(), Unavailable);
      assert.deepEqual(names, ["ü-1", "ü-2"]);
    },
  );
});

test("log-ins go in a header of their own, and a refused pull is final", async () => {
  const headers: unknown[] = [];
  await withEngine(
    speaking("1.41", "1.12", (request, response) => {
      headers.push(request.headers["x-registry-auth"], request.url);
      response.end(
        `${JSON.stringify({ errorDetail: { message: "manifest unknown" }, error: "manifest unknown" })}\n`,
      );
    }),
    async (engine) => {
      const pull = engine.pull(
        `r.example.org/x@sha256:${"0".repeat(64)}`,
        "c2VjcmV0",
        new AbortController().signal,
      );
      await assert.rejects(pull.next(), (error) => error instanceof Rejected);
    },
  );
  assert.equal(headers[0], "c2VjcmV0");
  assert.doesNotMatch(String(headers[1]), /c2VjcmV0/);
});
