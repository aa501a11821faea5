import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EndstationError,
  handOver,
  hour,
  joinByLink,
  listLinks,
  makeLink,
  mayStayInside,
  revokeLink,
  shareSession,
  unshareSession,
} from "@endstation/core";
import { refusedWith, type SharingScene, withScene } from "../testing/sharing-scene.ts";

const asViewer = { as: "viewer", hours: 1, mostUses: null } as const;
const asMember = { ...asViewer, as: "member" } as const;

function made({ deps, as, session }: SharingScene, link: Parameters<typeof makeLink>[3] = asViewer) {
  return makeLink(deps, as("pi"), session.id, link);
}

test("R83 a link makes an ordinary share, counted once for each; its secret is kept as a digest only", () =>
  withScene(async (scene) => {
    const { deps, as, session, database } = scene;
    const { link, secret } = await made(scene);
    assert.ok(Buffer.from(secret, "base64url").length >= 16, "at least 128 bits");
    for (const account of ["ann", "bob", "ann"])
      assert.deepEqual(await joinByLink(deps, as(account), secret), { sessionId: session.id, as: "viewer" });
    assert.equal((await joinByLink(deps, as("pi"), secret)).as, "owner");
    const [listed] = await listLinks(deps, as("pi"), session.id);
    assert.deepEqual(
      listed?.uses.map(({ account, at }) => [account, at]),
      [
        ["ann", hour],
        ["bob", hour],
      ],
    );
    const shares = await deps.store.shares(session.id);
    assert.deepEqual(
      shares.map((one) => [one.account, one.as, one.by, one.link]),
      [
        ["ann", "viewer", "pi", link.id],
        ["bob", "viewer", "pi", link.id],
      ],
    );
    const { rows } = await database.pool.query(
      "SELECT to_jsonb(l)::text || (SELECT string_agg(to_jsonb(a)::text, '') FROM audit a) AS all FROM links l",
    );
    assert.equal(rows[0].all.includes(secret), false);
  }));

test("R83 a link is over after its time, its uses and its revocation, also for many who come at once", () =>
  withScene(async (scene) => {
    const { deps, as, session } = scene;
    const once = await made(scene, { ...asViewer, mostUses: 1 });
    const came = await Promise.all(
      ["ann", "bob"].map((account) => refusedWith(joinByLink(deps, as(account), once.secret))),
    );
    assert.deepEqual(came.toSorted(), ["link-invalid", null].toSorted());
    assert.equal(await refusedWith(joinByLink(deps, as("ann"), "nothing of the kind")), "link-invalid");
    const hourly = await made(scene);
    scene.now += hour;
    assert.equal(await refusedWith(joinByLink(deps, as("bob"), hourly.secret)), "link-invalid");
    const revoked = await made(scene);
    await revokeLink(deps, as("pi"), session.id, revoked.link.id, false);
    assert.equal(await refusedWith(joinByLink(deps, as("bob"), revoked.secret)), "link-invalid");
    assert.equal(
      await refusedWith(revokeLink(deps, as("pi"), session.id, revoked.link.id, false)),
      "not-found",
    );
  }));

test("R83 revoking a link leaves what came by it, or takes it back, as the owner says", () =>
  withScene(async (scene) => {
    const { deps, as, session } = scene;
    const accounts = async () => (await deps.store.shares(session.id)).map(({ account }) => account);
    const [kept, taken] = [await made(scene), await made(scene)];
    await joinByLink(deps, as("ann"), kept.secret);
    await joinByLink(deps, as("bob"), taken.secret);
    await revokeLink(deps, as("pi"), session.id, kept.link.id, false);
    await revokeLink(deps, as("pi"), session.id, taken.link.id, true);
    assert.deepEqual(await accounts(), ["ann"]);
  }));

test("who was removed, or given another role, gets it back by no link; only by the owner's hand", () =>
  withScene(async (scene) => {
    const { deps, as, session } = scene;
    const first = await made(scene, asMember);
    await joinByLink(deps, as("ann"), first.secret);
    await handOver(deps, as("pi"), session.id, { account: "ann", as: "viewer" });
    assert.equal((await joinByLink(deps, as("ann"), first.secret)).as, "viewer");
    await unshareSession(deps, as("pi"), session.id, "ann");
    const second = await made(scene, asMember);
    for (const { secret } of [first, second])
      assert.equal(await refusedWith(joinByLink(deps, as("ann"), secret)), "link-invalid");
    await shareSession(deps, as("pi"), session.id, { account: "ann", as: "viewer", until: null });
    assert.equal((await joinByLink(deps, as("ann"), second.secret)).as, "member");
  }));

test("R19 R83 a link never widens the data policy: who may not read all is refused, told what to do and nothing of what is inside", () =>
  withScene(async (scene) => {
    const { deps, as, session } = scene;
    const { secret } = await made(scene, asMember);
    const error = await joinByLink(deps, as("eve"), secret).catch((refused: unknown) => refused);
    assert.ok(error instanceof EndstationError && error.code === "not-allowed");
    const said = `${error.detail} ${error.next} ${JSON.stringify(error.details)}`;
    assert.match(said, /principal investigator can add you/);
    for (const word of ["d-1", "p-1", session.id, session.name, "pi "])
      assert.equal(said.includes(word), false);
    assert.deepEqual(await deps.store.shares(session.id), []);
    const { items } = await deps.sharing.audit(session.id, { limit: 1, cursor: null });
    assert.deepEqual([items[0]?.action, items[0]?.account], ["link-refused", "eve"]);
    scene.mayRead.add("eve");
    scene.team.add("eve");
    assert.equal((await joinByLink(deps, as("eve"), secret)).as, "member");
  }));

test("R19 a share from before an embargo or a change of the team lets nobody stay", () =>
  withScene(async (scene) => {
    const { deps, as, session, mayRead, team } = scene;
    await joinByLink(deps, as("ann"), (await made(scene, asMember)).secret);
    const stays = async (way: string) => {
      const decision = await mayStayInside(deps, as("ann"), session, way);
      return decision.allowed ? "stays" : decision.code;
    };
    assert.equal(await stays("session"), "stays");
    mayRead.delete("ann");
    assert.equal(await stays("session"), "right-lost");
    mayRead.add("ann");
    team.delete("ann");
    assert.equal(await stays("session"), "right-lost");
    team.add("ann");
    await handOver(deps, as("pi"), session.id, { account: "ann", as: "viewer" });
    assert.equal(await stays("session"), "role-changed");
    await handOver(deps, as("pi"), session.id, { account: "ann", as: "member" });
    assert.equal(await stays("viewer:ann"), "role-changed");
    await unshareSession(deps, as("pi"), session.id, "ann");
    assert.equal(await stays("session"), "share-ended");
  }));
