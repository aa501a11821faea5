import assert from "node:assert/strict";
import { test } from "node:test";
import { createProviderStates } from "./provider-states.ts";
import { createSessionStore } from "./session-store.ts";
import { testCreation, testLimits, testSession } from "./session-testing.ts";
import { withDatabase } from "./testing.ts";

test("R47 a drain stays as it was first asked for, until it is resumed", () =>
  withDatabase(async (database) => {
    const states = createProviderStates(database);
    await states.drain({ provider: "slurm", by: "operator", at: 5 });
    await states.drain({ provider: "slurm", by: "another", at: 9 });
    assert.deepEqual(await states.drains(), [{ provider: "slurm", by: "operator", at: 5 }]);
    await states.resume("slurm");
    await states.resume("slurm");
    assert.deepEqual(await states.drains(), []);
  }));

test("live sessions are counted by provider", () =>
  withDatabase(async (database) => {
    const store = createSessionStore(database, testLimits);
    for (const provider of ["local", "slurm", "slurm"])
      await store.create(testCreation(testSession({ provider })));
    const live = await createProviderStates(database).liveSessions();
    assert.deepEqual(Object.fromEntries(live), { local: 1, slurm: 2 });
  }));
