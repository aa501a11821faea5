import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerRequest,
  applyEvent,
  askToJoin,
  handOver,
  joinByLink,
  listAudit,
  makeLink,
  revokeLink,
  shareSession,
  unshareSession,
  withdrawRequest,
} from "@endstation/core";
import { refusedWith, withScene } from "../testing/sharing-scene.ts";
import { testLimits, toStopped } from "./session-testing.ts";
import { createTicketStore } from "./tickets.ts";

const page = { limit: 50, cursor: null };

test("R119 everything about who was let in is recorded: who, whom, as what, by what and why; no secret", () =>
  withScene(async ({ deps, as, session, database }) => {
    const { id } = session;
    const pi = as("pi");
    await shareSession(deps, pi, id, { account: "ann", as: "member", until: null });
    await handOver(deps, pi, id, { account: "ann", as: "viewer" });
    await unshareSession(deps, pi, id, "ann");
    await unshareSession(deps, pi, id, "ann");
    const { link, secret } = await makeLink(deps, pi, id, { as: "member", hours: 1, mostUses: null });
    await joinByLink(deps, { ...as("bob"), token: "t-1" }, secret);
    await refusedWith(joinByLink(deps, as("eve"), secret));
    await revokeLink(deps, pi, id, link.id, true);
    const asked = await askToJoin(deps, as("ann"), id, { as: "viewer", reason: "please" });
    await answerRequest(deps, pi, asked.id, { answer: "no", as: null, until: null });
    await withdrawRequest(
      deps,
      as("ann"),
      (await askToJoin(deps, as("ann"), id, { as: "viewer", reason: null })).id,
    );
    const tickets = createTicketStore(database);
    const label = (await tickets.labelOf(id, "session", "jupyter")) as string;
    const holder = { label, account: "pi", login: null, token: null };
    await tickets.keep(Buffer.from("x"), holder, 10_000_000, 0);
    assert.deepEqual(await tickets.take(Buffer.from("x"), label, 5), holder);
    assert.equal(await tickets.take(Buffer.from("x"), label, 5), null);
    for (const event of toStopped)
      await applyEvent({ store: deps.store, clock: deps.clock, limits: testLimits }, id, event);
    const { items } = await listAudit(deps, pi, id, page);
    const told = items.toReversed().map(({ action, account, whom, role, way, reason }) =>
      [action, account, whom, role, way, reason]
        .map((one) => one ?? "")
        .join(" ")
        .trim()
        .replaceAll(/ +/g, " "),
    );
    assert.deepEqual(told, [
      "shared pi ann member log-in",
      "handed-over pi ann viewer log-in",
      "unshared pi ann log-in",
      `link-made pi member link ${link.id}`,
      `link-taken bob member link ${link.id}`,
      `link-refused eve member link ${link.id} may not have what is inside`,
      `unshared pi bob link ${link.id} with what came by it`,
      `link-revoked pi link ${link.id} with what came by it`,
      `asked ann viewer request ${asked.id} please`,
      `declined pi ann viewer request ${asked.id}`,
      `asked ann viewer ${items[3]?.way}`,
      `withdrawn ann viewer ${items[3]?.way}`,
      "entered pi owner log-in",
      "ended pi user",
    ]);
    assert.equal(JSON.stringify(items).includes(secret), false);
  }));

test("R119 the owner, support and administrators read it, in pages, the newest first; others do not", () =>
  withScene(async ({ deps, as, session }) => {
    const { id } = session;
    await shareSession(deps, as("pi"), id, { account: "ann", as: "member", until: null });
    await handOver(deps, as("pi"), id, { account: "ann", as: "viewer" });
    const first = await listAudit(deps, as("helper"), id, { limit: 1, cursor: null });
    const rest = await listAudit(deps, { ...as("eve"), roles: ["admin"] }, id, {
      limit: 1,
      cursor: first.next,
    });
    assert.deepEqual(
      [first, rest].map(({ items }) => items[0]?.action),
      ["handed-over", "shared"],
    );
    assert.equal(rest.next, null);
    assert.equal(await refusedWith(listAudit(deps, as("ann"), id, page)), "not-allowed");
    assert.equal(await refusedWith(listAudit(deps, as("bob"), id, page)), "not-allowed");
    assert.equal(await refusedWith(listAudit(deps, as("eve"), id, page)), "not-found");
  }));

test("R119 the database itself refuses to change or delete what is recorded", () =>
  withScene(async ({ deps, as, session, database }) => {
    await shareSession(deps, as("pi"), session.id, { account: "ann", as: "member", until: null });
    for (const change of ["UPDATE audit SET account = 'eve'", "DELETE FROM audit", "TRUNCATE audit"])
      await assert.rejects(database.pool.query(change), /written once and for all/, change);
  }));
