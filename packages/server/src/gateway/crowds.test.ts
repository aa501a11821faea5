import assert from "node:assert/strict";
import { test } from "node:test";
import type { Visit } from "../store/visits.ts";
import { createCrowds } from "./crowds.ts";

const visit = (account: string, sessionId: string) => ({ account, sessionId }) as Visit;

test("connections are limited for each browser, each person and each session, and free again when closed", () => {
  const crowds = createCrowds();
  const ada = visit("ada", "s-1");
  assert.equal(crowds.full(ada, 499), null);
  assert.match(crowds.full(ada, 500) ?? "", /this browser has 500/);
  const everywhere = ["s-1", "s-2", "s-3", "s-4"].map((id) => visit("ada", id));
  for (let n = 0; n < 2_000; n += 1) crowds.opened(everywhere[n % 4] as Visit);
  assert.match(crowds.full(visit("ada", "s-9"), 0) ?? "", /you have 2000/);
  assert.equal(crowds.full(visit("bob", "s-1"), 0), null, "others go on");
  crowds.closed(everywhere[0] as Visit);
  assert.equal(crowds.full(visit("ada", "s-9"), 0), null);
  for (let n = 0; n < 4_000; n += 1) crowds.opened(visit(`person${n % 8}`, "s-5"));
  assert.match(crowds.full(visit("bob", "s-5"), 0) ?? "", /4000 connections to this session/);
});
