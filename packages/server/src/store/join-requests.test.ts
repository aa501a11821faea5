import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerRequest,
  askToJoin,
  hour,
  listRequests,
  minute,
  requestLifetime,
  supportStays,
  unshareSession,
  withdrawRequest,
} from "@endstation/core";
import { refusedWith, type SharingScene, withScene } from "../testing/sharing-scene.ts";

const asViewer = { as: "viewer", reason: "to see the fit" } as const;
const asSupport = { as: "support", reason: "ticket 42" } as const;
const yes = { answer: "yes", as: null, until: null } as const;
const no = { ...yes, answer: "no" } as const;

const ask = (
  { deps, as, session }: SharingScene,
  account: string,
  what: Parameters<typeof askToJoin>[3] = asViewer,
) => askToJoin(deps, as(account), session.id, what);

async function told({ database }: SharingScene): Promise<string[]> {
  const { rows } = await database.pool.query(
    "SELECT effect ->> 'message' AS message FROM effects WHERE effect ->> 'type' = 'notify'",
  );
  return rows.map(({ message }) => message).filter((message) => message !== "ready");
}

test("R84 a peer asks, the owner is told at once and answers; the answer makes a share with its end", () =>
  withScene(async (scene) => {
    const { deps, as, session, database } = scene;
    const { id } = await ask(scene, "ann");
    assert.deepEqual(await told(scene), ["join-asked"]);
    const { rows } = await database.pool.query(
      "SELECT subject FROM hints WHERE resource = 'access' ORDER BY id",
    );
    assert.deepEqual(
      rows.map(({ subject }) => subject),
      ["pi", "ann"],
    );
    const [toPi] = await listRequests(deps, as("pi"));
    assert.deepEqual(
      [toPi?.account, toPi?.reason, toPi?.session.name],
      ["ann", "to see the fit", session.name],
    );
    assert.equal((await listRequests(deps, as("bob"))).length, 0);
    await answerRequest(deps, as("pi"), id, { answer: "yes", as: "member", until: 2 * hour });
    const [share] = await deps.store.shares(session.id);
    assert.deepEqual([share?.account, share?.as, share?.until], ["ann", "member", 2 * hour]);
    assert.deepEqual(
      (await listRequests(deps, as("ann"))).map(({ state }) => state),
      ["accepted"],
    );
    assert.equal((await listRequests(deps, as("pi"))).length, 0);
    assert.equal(await refusedWith(answerRequest(deps, as("pi"), id, no)), "request-over");
  }));

test("R84 nobody pesters: one open request for each session, three an hour, and those nobody answers expire", () =>
  withScene(async (scene) => {
    const { deps, as } = scene;
    const both = await Promise.all([refusedWith(ask(scene, "ann")), refusedWith(ask(scene, "ann"))]);
    assert.deepEqual(both.toSorted(), ["already-asked", null].toSorted());
    const [first] = await listRequests(deps, as("pi"));
    await answerRequest(deps, as("pi"), first?.id ?? "", no);
    for (let again = 0; again < 2; again += 1) {
      scene.now += minute;
      await withdrawRequest(deps, as("ann"), (await ask(scene, "ann")).id);
    }
    assert.equal(await refusedWith(ask(scene, "ann")), "too-many-requests");
    assert.equal(await refusedWith(ask(scene, "bob")), null, "somebody else is not held up by her");
    scene.now += hour;
    const late = await ask(scene, "ann");
    scene.now += requestLifetime;
    assert.equal((await listRequests(deps, as("pi"))).length, 0);
    assert.equal((await listRequests(deps, as("ann")))[0]?.state, "expired");
    assert.equal(await refusedWith(answerRequest(deps, as("pi"), late.id, yes)), "request-over");
    assert.equal(await refusedWith(ask(scene, "ann")), null);
  }));

test("R84 only who may know of the session asks, only the owner answers, only the asker withdraws", () =>
  withScene(async (scene) => {
    const { deps, as, session } = scene;
    assert.equal(await refusedWith(ask(scene, "eve")), "not-found");
    assert.equal(await refusedWith(ask(scene, "pi")), "not-allowed");
    const { id } = await ask(scene, "ann");
    assert.equal(await refusedWith(answerRequest(deps, as("ann"), id, yes)), "not-allowed");
    assert.equal(await refusedWith(answerRequest(deps, as("bob"), id, yes)), "not-allowed");
    assert.equal(await refusedWith(answerRequest(deps, as("eve"), id, yes)), "not-found");
    assert.equal(await refusedWith(withdrawRequest(deps, as("pi"), id)), "not-found");
    scene.mayRead.delete("ann");
    assert.equal(await refusedWith(answerRequest(deps, as("pi"), id, yes)), "not-allowed");
    assert.deepEqual(await deps.store.shares(session.id), []);
    scene.mayRead.add("ann");
    assert.equal(await refusedWith(answerRequest(deps, as("pi"), id, yes)), null);
    scene.now += hour;
    assert.equal(await refusedWith(ask(scene, "ann")), "not-allowed", "she is a viewer already");
    assert.equal(await refusedWith(ask(scene, "ann", { as: "member", reason: null })), null);
  }));

test("R86 support asks with a reason and waits for the owner; it gets no right to data by that", () =>
  withScene(async (scene) => {
    const { deps, as, session } = scene;
    assert.equal(await refusedWith(ask(scene, "ann", asSupport)), "not-allowed");
    assert.equal(
      await refusedWith(ask(scene, "helper", { ...asSupport, reason: null })),
      "malformed-request",
    );
    assert.equal(await refusedWith(ask(scene, "stranger-helper", asSupport)), "not-allowed");
    const { id, state } = await ask(scene, "helper", asSupport);
    assert.equal(state, "open");
    assert.deepEqual(await deps.store.shares(session.id), []);
    await answerRequest(deps, as("pi"), id, yes);
    assert.equal((await deps.store.shares(session.id))[0]?.as, "support");
  }));

test("R86 R119 where the facility's rule says so, support is let in at once for a while, with a reason, and the owner is told", () =>
  withScene(
    async (scene) => {
      const { deps, as, session } = scene;
      assert.equal(await refusedWith(ask(scene, "stranger-helper", asSupport)), "not-allowed");
      const { state } = await ask(scene, "helper", asSupport);
      const [share] = await deps.store.shares(session.id);
      assert.deepEqual([state, share?.as, share?.until], ["accepted", "support", hour + supportStays]);
      assert.deepEqual(await told(scene), ["support-let-in"]);
      const { items } = await deps.sharing.audit(session.id, { limit: 1, cursor: null });
      assert.deepEqual(
        [items[0]?.action, items[0]?.account, items[0]?.reason],
        ["support-let-in", "helper", "ticket 42"],
      );
      await unshareSession(deps, as("pi"), session.id, "helper");
      assert.deepEqual(await deps.store.shares(session.id), []);
      assert.equal((await ask(scene, "ann")).state, "open", "others wait for the owner as ever");
    },
    { enters: "and-tells" },
  ));
