import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEvent, type LifeLimits, Rejected, type Session, type SessionEvent } from "@endstation/core";
import pino from "pino";
import { recordActivity } from "../store/activity.ts";
import type { Database } from "../store/database.ts";
import { claimEffects } from "../store/effects.ts";
import { takeLease } from "../store/leases.ts";
import { createProviderStates } from "../store/provider-states.ts";
import { createSessionStore, type Sessions } from "../store/session-store.ts";
import { testCreation, testSession } from "../store/session-testing.ts";
import { withDatabase } from "../store/testing.ts";
import type { Pace } from "./pace.ts";
import { type RunnerOptions, startRunner } from "./runner.ts";
import { ToyProvider, toySpec } from "./testing/toy-provider.ts";

const pace: Partial<Pace> = {
  pollEvery: 300,
  tickEvery: 50,
  lease: 600,
  firstPause: 20,
  longestPause: 200,
  firstProbe: 10,
  longestProbe: 50,
  contactLostAfter: 100,
  rightsEvery: 30,
};
const limits: LifeLimits = {
  startWithin: 60_000,
  warnBefore: 1_000,
  idleAfter: 10_000,
  terminateAgainAfter: 50,
};

interface Scene {
  readonly database: Database;
  readonly store: Sessions;
  readonly toy: ToyProvider;
  /** The domain's clock, moved by the test. */
  readonly time: { now: number };
  readonly told: string[];
  start(more?: Parameters<typeof testSession>[0]): Promise<string>;
  happen(id: string, event: SessionEvent): Promise<Session | null>;
  until(id: string, isSo: (session: Session) => boolean): Promise<Session>;
  run(more?: Partial<RunnerOptions>): Promise<{ stop(): Promise<void> }>;
}

async function onStage(test: (scene: Scene) => Promise<void>): Promise<void> {
  await withDatabase(async (database) => {
    const store = createSessionStore(database, limits);
    const time = { now: Date.now() };
    const clock = { now: () => time.now };
    const toy = new ToyProvider(clock);
    const told: string[] = [];
    const runners: { stop(): Promise<void> }[] = [];
    const run = async (more: Partial<RunnerOptions> = {}) => {
      const runner = await startRunner({
        ...{ database, store, clock, limits, pace, owner: "test", log: pino({ level: "silent" }) },
        providers: new Map([["fake", toy]]),
        launchSpecOf: async (session) => toySpec(session),
        notify: async (_session, message) => void told.push(message),
        ...more,
      });
      runners.push(runner);
      return runner;
    };
    const start = async (more: Parameters<typeof testSession>[0] = {}) => {
      const session = testSession({ createdAt: time.now, ...more });
      await store.create(testCreation(session));
      return session.id;
    };
    const happen = (id: string, event: SessionEvent) => applyEvent({ store, clock, limits }, id, event);
    const until = (id: string, isSo: (session: Session) => boolean) =>
      eventually(async () => {
        const session = (await store.get(id)) as Session;
        return isSo(session) ? session : null;
      });
    try {
      await test({ database, store, toy, time, told, start, happen, until, run });
    } finally {
      for (const runner of runners) await runner.stop();
    }
  });
}

async function eventually<Result>(look: () => Promise<Result | null>): Promise<Result> {
  const giveUpAt = Date.now() + 30_000;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > giveUpAt) throw new Error(`it did not come: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const isIn = (phase: Session["phase"]) => (session: Session) => session.phase === phase;
const userStop: SessionEvent = { type: "stop-requested", reason: "user", by: "pi" };

test("R21 a session is launched, probed, runs, is stopped, and nothing is left to do", async () => {
  await onStage(async ({ database, toy, told, start, happen, until, run }) => {
    await run();
    const id = await start();
    const running = await until(id, isIn("running"));
    assert.deepEqual(running.stages.map((stage) => stage.name).at(-1), "answering");
    assert.equal(running.handle, `${id}.1`);
    await happen(id, userStop);
    const ended = await until(id, isIn("stopped"));
    assert.equal(ended.reason, "user");
    assert.equal(toy.running.length, 0);
    await eventually(async () =>
      (await database.db.selectFrom("effects").selectAll().execute()).length === 0 ? true : null,
    );
    assert.deepEqual(told, ["ready", "ended"]);
    assert.deepEqual(toy.asked, [`launch ${id} 1`, `terminate ${id}`]);
  });
});

test("what the provider refuses fails with its words; what it cannot answer now is tried again", async () => {
  await onStage(async ({ toy, start, until, run }) => {
    await run();
    toy.refusal = new Rejected("too-large", "it has 2 cores");
    const failed = await until(await start(), isIn("failed"));
    assert.deepEqual(failed.cause, { code: "too-large", detail: "it has 2 cores" });
    toy.refusal = new Error("a bug in the adapter");
    const id = await start();
    await eventually(async () =>
      toy.asked.filter((line) => line === `launch ${id} 1`).length >= 3 ? true : null,
    );
    toy.refusal = null;
    await until(id, isIn("running"));
  });
});

test("R22 an outage of the provider changes nothing but that it is said, and ends by itself", async () => {
  await onStage(async ({ toy, start, until, run, database }) => {
    await run();
    const id = await start();
    await until(id, isIn("running"));
    toy.down();
    const waiting = await start();
    const lost = await until(id, (session) => session.contactLostSince !== null);
    assert.equal((await createProviderStates(database).outages()).has("fake"), true);
    assert.equal(lost.phase, "running");
    toy.up();
    await until(id, (session) => session.contactLostSince === null && session.phase === "running");
    assert.equal((await createProviderStates(database).outages()).size, 0);
    await until(waiting, isIn("running"));
  });
});

test("R22 R113 a new process finds all that ran; what vanished meanwhile has failed, what nobody has is ended", async () => {
  await onStage(async ({ toy, start, time, until, run }) => {
    const first = await run();
    const [stays, vanishes] = [await start(), await start()];
    await until(stays, isIn("running"));
    await until(vanishes, isIn("running"));
    await first.stop();
    time.now += 1_000;
    toy.lose(vanishes);
    await toy.stray(toySpec({ ...testSession(), id: "s-stray000000000000000" }));
    await run({ owner: "another" });
    const failed = await until(vanishes, isIn("failed"));
    assert.equal(failed.reason, "vanished");
    await until(stays, isIn("running"));
    await eventually(async () => (toy.running.length === 1 ? true : null));
    assert.ok(toy.asked.includes("terminate s-stray000000000000000"));
  });
});

test("a session that its provider ends has its reason", async () => {
  await onStage(async ({ toy, start, until, run }) => {
    await run();
    const id = await start();
    await until(id, isIn("running"));
    toy.end(id, { state: "gone", exitCode: 137, cause: { code: "out-of-memory", detail: "1 GiB" } });
    const failed = await until(id, isIn("failed"));
    assert.deepEqual(failed.cause, { code: "out-of-memory", detail: "1 GiB" });
  });
});

test("stopped before it was launched: nothing is launched", async () => {
  await onStage(async ({ toy, start, happen, until, run }) => {
    const id = await start();
    await happen(id, userStop);
    await run();
    await until(id, isIn("stopped"));
    assert.deepEqual(toy.asked, []);
  });
});

test("stopped while its launch cannot be answered: ended by its id once the provider is back", async () => {
  await onStage(async ({ toy, time, start, happen, until, run }) => {
    await run();
    toy.refusal = new Error("the answer is lost");
    const id = await start();
    await eventually(async () => (toy.asked.length >= 1 ? true : null));
    await toy.stray(toySpec({ ...testSession(), id }));
    await happen(id, userStop);
    await until(id, (session) => session.launchedAt !== null);
    await eventually(async () => (toy.asked.includes(`terminate ${id}`) ? true : null));
    time.now += 10;
    toy.list();
    await until(id, isIn("stopped"));
    assert.equal(toy.running.length, 0);
  });
});

test("an end that is not carried out is asked for again", async () => {
  await onStage(async ({ toy, time, start, happen, until, run }) => {
    await run();
    const id = await start();
    await until(id, isIn("running"));
    toy.ends = false;
    await happen(id, userStop);
    await eventually(async () => (toy.asked.includes(`terminate ${id}`) ? true : null));
    toy.ends = true;
    time.now += 1_000;
    toy.list();
    await until(id, isIn("stopped"));
  });
});

test("R26 R48 time passes: warned, then ended for idleness; activity puts it off", async () => {
  await onStage(async ({ database, time, told, start, until, run }) => {
    await run();
    const id = await start();
    await until(id, isIn("running"));
    time.now += 9_500;
    await until(id, (session) => session.warnedAt !== null);
    await recordActivity(database, id, time.now);
    time.now += 2_000;
    await new Promise((resolve) => setTimeout(resolve, 300));
    await until(id, isIn("running"));
    time.now += 7_500;
    await until(id, (session) => session.stages.filter((stage) => stage.name === "warned").length === 2);
    time.now += 1_500;
    assert.equal((await until(id, isIn("stopped"))).reason, "idle");
    assert.equal(told.filter((message) => message === "expires-soon").length, 2);
  });
});

test("R48 what never answers is ended when its time to start is over", async () => {
  await onStage(async ({ toy, time, start, until, run }) => {
    await run();
    toy.answers = false;
    const id = await start();
    await until(id, (session) => session.stages.at(-1)?.name === "starting");
    time.now += 60_001;
    const failed = await until(id, isIn("failed"));
    assert.equal(failed.cause?.code, "start-timeout");
    assert.equal(toy.running.length, 0);
  });
});

test("an owner who may no longer read the data is told, and loses the session unless the right comes back", async () => {
  await onStage(async ({ database, time, told, start, until, run }) => {
    const lost = new Set<string>();
    await run({ ownerMayRead: async ({ id }) => !lost.has(id) });
    const [bereft, restored, bare] = [
      await start({ datasets: ["d"] }),
      await start({ datasets: ["d"] }),
      await start(),
    ];
    for (const id of [bereft, restored, bare]) await until(id, isIn("running"));
    for (const id of [bereft, restored, bare]) lost.add(id);
    const noted = () => database.db.selectFrom("right_losses").select("session_id").execute();
    await eventually(async () => ((await noted()).length === 2 ? true : null));
    lost.delete(restored);
    await eventually(async () => ((await noted()).length === 1 ? true : null));
    await until(bereft, isIn("running"));
    time.now += 1_000;
    assert.equal((await until(bereft, isIn("stopped"))).reason, "right-lost");
    for (const id of [restored, bare]) await until(id, isIn("running"));
    assert.equal(told.filter((message) => message === "expires-soon").length, 2);
    assert.deepEqual(await noted(), []);
  });
});

test("R49 two replicas share the work: nothing is launched twice, and one watches when the other has gone", async () => {
  await onStage(async ({ toy, time, start, until, run, happen }) => {
    const [one] = await Promise.all([run({ owner: "one" }), run({ owner: "two" })]);
    const ids = await Promise.all(Array.from({ length: 30 }, () => start()));
    for (const id of ids) await until(id, isIn("running"));
    assert.equal(toy.asked.length, new Set(toy.asked).size);
    await one.stop();
    time.now += 1_000;
    await Promise.all(ids.map((id) => happen(id, userStop)));
    for (const id of ids) await until(id, isIn("stopped"));
    assert.equal(toy.running.length, 0);
  });
});

test("R49 what a killed process held is taken over when its leases have run out", async () => {
  await onStage(async ({ database, toy, start, until, run }) => {
    const id = await start();
    assert.ok(await takeLease(database, "provider:fake", "dead", 500));
    assert.equal((await claimEffects(database, "fake", "dead", 10, 500)).length, 1);
    assert.equal(await takeLease(database, "provider:fake", "other", 500), false);
    assert.deepEqual(await claimEffects(database, "fake", "other", 10, 500), []);
    await run({ owner: "other" });
    await until(id, isIn("running"));
    assert.deepEqual(toy.asked, [`launch ${id} 1`]);
  });
});

test("R113 the same process started anew goes on at once with what it was killed over", async () => {
  await onStage(async ({ database, start, until, run }) => {
    const id = await start();
    const hour = 3_600_000;
    assert.ok(await takeLease(database, "provider:fake", "portal", hour));
    assert.equal((await claimEffects(database, "fake", "portal", 10, hour)).length, 1);
    await run({ owner: "portal" });
    await until(id, isIn("running"));
  });
});

test("sessions of a provider that is not configured any more are out of contact, not gone", async () => {
  await onStage(async ({ start, until, run }) => {
    const id = await start({ provider: "sold" });
    await run();
    const session = await until(id, (one) => one.contactLostSince !== null);
    assert.equal(session.phase, "pending");
  });
});
