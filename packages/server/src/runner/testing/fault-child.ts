import { createInterface } from "node:readline";
import { applyEvent } from "@endstation/core";
import pino from "pino";
import { openDatabase } from "../../store/database.ts";
import { createSessionStore } from "../../store/session-store.ts";
import { testCreation, testLimits, testSession } from "../../store/session-testing.ts";
import { startRunner } from "../runner.ts";
import { chance } from "./chance.ts";
import { isBatch } from "./kinds.ts";
import { toySpec } from "./toy-provider.ts";
import { worldProvider } from "./world-provider.ts";

/**
 * A portal without HTTP, to be killed: it runs the runner and obeys lines on its input, `start ID` and `stop ID`, each
 * answered by the same line when it was done for good.
 */
const { connection, seed, owner } = JSON.parse(process.argv[2] ?? "{}") as {
  connection: { host: string; port: number; user: string; database: string };
  seed: number;
  owner: string;
};
const database = openDatabase(connection);
const clock = { now: () => Date.now() };
const limits = { ...testLimits, terminateAgainAfter: 100 };
const store = createSessionStore(database, limits);
await startRunner({
  ...{ database, store, clock, limits, owner },
  providers: new Map([["fake", worldProvider(database.pool, clock, chance(seed))]]),
  launchSpecOf: async (session) => toySpec(session),
  notify: async () => {},
  log: pino({ level: "silent" }),
  pace: {
    pollEvery: 200,
    tickEvery: 100,
    lease: 900,
    firstPause: 20,
    longestPause: 200,
    contactLostAfter: 300,
  },
});

async function obey(line: string): Promise<void> {
  const [verb, id = ""] = line.split(" ");
  if (verb === "start") await start(id);
  else await applyEvent({ store, clock, limits }, id, { type: "stop-requested", reason: "user", by: "pi" });
  process.stdout.write(`${line}\n`);
}

const batch = {
  kind: "batch",
  endpoints: [],
  batch: { hasScript: true, arguments: [], retries: 1, array: null },
} as const;

async function start(id: string): Promise<void> {
  const session = testSession({ id, createdAt: clock.now(), ...(isBatch(id) ? batch : {}) });
  await store.create(testCreation(session, { idempotency: { key: id, digest: "same" } }));
}

createInterface({ input: process.stdin }).on("line", (line) => {
  obey(line).catch((error: unknown) => process.stderr.write(`${line}: ${error}\n`));
});
process.stdout.write("ready\n");
