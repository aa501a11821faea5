import { once } from "node:events";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { createClient } from "@endstation/api";
import type { ComputeProvider } from "@endstation/core";
import { askOrigin } from "../../e2e/support/inside.ts";
import { ToyProvider } from "../../packages/server/src/runner/testing/toy-provider.ts";
import { composeBarePortal } from "../bare-portal.ts";
import { type Way, wayTo } from "./ways.ts";

/**
 * Our portal in a process of its own, put together as in production: a session each of several people, started by the
 * runner and entered by tickets. The first of them is the server at the first port, all others are the one at the second.
 * Says its port and the ways in; ends when its input does.
 */
const [http = 0, sockets = 0, sessions = 2] = process.argv.slice(2).map(Number);

class Wired extends ToyProvider {
  first: string | null = null;

  override async dial(...[{ sessionId }]: Parameters<ComputeProvider<Duplex>["dial"]>): Promise<Duplex> {
    this.first ??= sessionId;
    const socket = connect(sessionId === this.first ? http : sockets, "127.0.0.1");
    await once(socket, "connect");
    return socket;
  }
}

const portal = await composeBarePortal(new Wired({ now: () => Date.now() }));
const people = Array.from({ length: sessions }, (_, index) => `person${index}`);
const tokens = await portal.tokensOf(people);
await portal.listen();
const ways: Way[] = [];
for (const token of tokens) ways.push(await enterNew(token));
console.log(JSON.stringify({ port: Number(new URL(portal.url).port), ways }));
process.stdin.resume();
await once(process.stdin, "end");
await portal.close();
process.exit(0);

async function enterNew(token: string): Promise<Way> {
  const call = createClient({ url: portal.url, token });
  const { id } = await call("startSession", { body: { environment: "nexus" } });
  for (;;) {
    const { phase } = await call("getSession", { id });
    if (phase === "running") break;
    if (phase === "failed") throw new Error("a session failed");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { url, ticket } = await call("openSession", { id, body: { endpoint: "jupyter" } });
  const { origin, pathname, host } = new URL(url);
  const headers = { origin: portal.url, "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams({ ticket }).toString();
  const entered = await askOrigin(origin, pathname, { method: "POST", headers, body });
  const [cookie = ""] = (entered.headers["set-cookie"]?.[0] ?? "").split(";");
  if (cookie === "") throw new Error(`not let in: ${entered.status} ${entered.body}`);
  return wayTo(host, origin, cookie);
}
