import assert from "node:assert/strict";
import { test } from "node:test";
import { type SharingScene, withScene } from "../testing/sharing-scene.ts";
import { createPresenceStore } from "./presences.ts";
import { letIn, letOut } from "./session-testing.ts";
import { createTicketStore } from "./tickets.ts";
import { createVisitStore } from "./visits.ts";

async function visitOf({ database, session }: SharingScene, account: string, at: number): Promise<Buffer> {
  const label = (await createTicketStore(database).labelOf(session.id, "session", "jupyter")) as string;
  const digest = Buffer.from(`${account} ${at}`);
  await createVisitStore(database).begin(digest, { label, account, login: null, token: null }, at, 1e12);
  return digest;
}

async function hints({ database }: SharingScene): Promise<number> {
  const { rows } = await database.pool.query("SELECT 1 FROM hints WHERE resource = 'presence'");
  return rows.length;
}

test("R81 who is inside is told with her role, once however many windows she has; that somebody comes or goes is told to browsers", () =>
  withScene(async (scene) => {
    const { database, session, deps } = scene;
    const here = createPresenceStore(database);
    await letIn(deps.sharing, { sessionId: session.id, account: "ann", as: "viewer" });
    const visits = [
      await visitOf(scene, "pi", 10),
      await visitOf(scene, "ann", 20),
      await visitOf(scene, "ann", 30),
    ];
    await here.touch(visits);
    assert.deepEqual(await here.present(session.id), [
      { account: "pi", role: "owner", since: 10 },
      { account: "ann", role: "viewer", since: 20 },
    ]);
    assert.equal(await hints(scene), 1);
    await here.touch(visits);
    assert.equal(await hints(scene), 1, "that somebody is still here is no news");
    await letOut(deps.sharing, session.id, "ann");
    assert.deepEqual(
      (await here.present(session.id)).map(({ account }) => account),
      ["pi"],
    );
    await here.leave(visits.slice(0, 1));
    assert.deepEqual(await here.present(session.id), []);
    assert.equal(await hints(scene), 2);
  }));

test("R81 a visit whose process was killed is here no longer than its lease, and another process tells of it", () =>
  withScene(async (scene) => {
    const { database, session } = scene;
    const here = createPresenceStore(database);
    await here.touch([await visitOf(scene, "pi", 10)]);
    await database.pool.query("UPDATE presences SET until = clock_timestamp() - interval '1 second'");
    assert.deepEqual(await here.present(session.id), []);
    await here.touch([]);
    assert.equal(await hints(scene), 2);
  }));
