import { decide, newSession } from "@endstation/core";
import { ToyProvider } from "../packages/server/src/runner/testing/toy-provider.ts";
import type { Database } from "../packages/server/src/store/database.ts";
import { createSessionStore } from "../packages/server/src/store/session-store.ts";
import { composeBarePortal } from "./bare-portal.ts";

/**
 * A portal in a process of its own whose only compute provider starts nothing, with 50 people who have 200 ended sessions
 * each. Says where it is and their access tokens in one line of JSON; ends when its input does.
 */
const people = Array.from({ length: 50 }, (_, index) => `person${index}`);
const sessionsEach = 200;

const provider = new ToyProvider({ now: () => Date.now() });
const portal = await composeBarePortal(provider);
const { config, database } = portal;
const tokens = await portal.tokensOf(people);
await makeSessions(database);
await portal.listen();
console.log(JSON.stringify({ url: portal.url, tokens }));

process.stdin.on("data", (line) => void saysWhenRunning(database, Number(line)));
process.stdin.once("end", async () => {
  await portal.close();
  process.exit(0);
});

/** One line when so many sessions run: asked of the database, so that watching costs the portal nothing. */
async function saysWhenRunning({ pool }: Database, wanted: number): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ running: number }>(
      "SELECT count(*) AS running FROM sessions WHERE live AND phase = 'running'",
    );
    if ((rows[0]?.running ?? 0) >= wanted) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  console.log("running");
}

async function makeSessions(database: Database): Promise<void> {
  const store = createSessionStore(database);
  for (let index = 0; index < sessionsEach; index += 1)
    await Promise.all(people.map((owner) => makeEnded(store, owner, index)));
  await database.pool.query("ANALYZE");
}

/** A session that was stopped before it was placed: the shortest whole life. */
async function makeEnded(
  store: ReturnType<typeof createSessionStore>,
  owner: string,
  index: number,
): Promise<void> {
  const id = `s-${`${owner}x${index}x`.padEnd(20, "0").slice(0, 20)}`;
  const createdAt = Date.now() - (sessionsEach - index) * 60_000;
  const request = {
    id,
    owner,
    kind: "jupyter",
    environment: "nexus",
    flavour: "small",
    provider: "noop",
    placement: "asked for",
    proposal: null,
    datasets: [],
    notebook: null,
    parameters: {},
    endpoints: ["jupyter"],
    batch: null,
    createdAt,
  } as const;
  const fresh = { ...newSession(request, `Session ${index}`, createdAt + 3_600_000), version: 1 };
  const created = {
    sessionId: id,
    sequence: 1,
    at: createdAt,
    event: { type: "created" },
    phase: fresh.phase,
  } as const;
  await store.create({
    session: fresh,
    entry: created,
    effects: [],
    idempotency: null,
    limit: { perOwner: 1_000 },
  });
  const events = [
    { type: "stop-requested", reason: "user", by: owner },
    { type: "launch-refused", attempt: 1, cause: { code: "no-capacity", detail: "" } },
  ] as const;
  let session = fresh;
  for (const event of events) {
    const next = decide(session, event, createdAt, config.life).session;
    session = { ...next, version: session.version + 1 };
    await store.save({
      session,
      entry: { sessionId: id, sequence: session.version, at: createdAt, event, phase: session.phase },
      effects: [],
    });
  }
}
