import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import type { EndpointKind } from "@endstation/core";
import { usualProbe } from "./probe.ts";

/** What the probe says of a server that answers with these pieces, and what it was asked. */
async function probed(
  pieces: readonly string[],
  end = false,
  endpoint: EndpointKind = "jupyter",
): Promise<{ isReady: boolean; asked: string }> {
  const [connection, server] = duplexPair();
  const patience = AbortSignal.timeout(300);
  let asked = "";
  server.on("data", (chunk: Buffer) => {
    asked += chunk.toString();
  });
  const answer = usualProbe(connection, endpoint, patience);
  for (const piece of pieces) server.write(piece);
  if (end) server.end();
  const isReady = await answer;
  connection.destroy();
  return { isReady, asked };
}

test("Jupyter is ready when its status page answers 200, however its answer is cut into pieces", async () => {
  const { isReady, asked } = await probed(["HTTP/1.1 200 OK\r\n", "content-length: 2\r\n\r\n{}"]);
  assert.ok(isReady);
  assert.match(asked, /^GET \/api\/status HTTP\/1\.1\r\nHost: session\.localhost\r\n/);
  assert.ok((await probed([..."HTTP/1.1 200 OK\r\n"])).isReady);
});

test("a terminal is ready when its own status page answers, and a desktop when it can be dialled", async () => {
  const { isReady, asked } = await probed(["HTTP/1.1 200 OK\r\n"], false, "terminal");
  assert.ok(isReady);
  assert.match(asked, /^GET \/status HTTP/);
  assert.equal((await probed(["HTTP/1.1 503 Service Unavailable\r\n"], false, "terminal")).isReady, false);
  assert.ok((await probed([], false, "desktop")).isReady);
});

test("any other answer, none, or the end of the connection is not ready", async () => {
  const refusals = ["HTTP/1.1 403 Forbidden\r\n", "HTTP/1.1 2000 OK\r\n", "RFB 003.008\n", "x".repeat(2_000)];
  for (const answer of refusals) assert.equal((await probed([answer])).isReady, false, answer.slice(0, 30));
  assert.equal((await probed([])).isReady, false);
  assert.equal((await probed(["HTTP/1.1 20"], true)).isReady, false);
});
