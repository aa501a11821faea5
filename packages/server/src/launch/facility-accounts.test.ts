import assert from "node:assert/strict";
import { test } from "node:test";
import { Rejected } from "@endstation/core";
import { facilityAccounts } from "./facility-accounts.ts";

/** Users and groups that every Debian has. */
const named = facilityAccounts({
  accounts: { pi: "games", ghost: "no-such-user-here", number: "5" },
  groups: { "p-1": "staff", "p-2": "no-such-group-here" },
  sameNames: false,
});

test("R43 an account that is mapped is that user of the facility's directory, in its proposal's group", async () => {
  assert.deepEqual(await named("pi", null), { uid: 5, gid: 60, groups: [] });
  assert.deepEqual(await named("pi", "p-1"), { uid: 5, gid: 50, groups: [60] });
});

test("somebody whom the directory does not know is nobody there, and a number is no name", async () => {
  for (const account of ["other", "ghost", "number", "__proto__", "toString"])
    assert.equal(await named(account, null), null);
});

test("a proposal without a group is refused with its name", async () => {
  for (const proposal of ["p-2", "p-3"])
    await assert.rejects(
      named("pi", proposal),
      (error) => error instanceof Rejected && error.refusal.detail.includes(proposal),
    );
});

test("with the same names the portal's account is looked up itself", async () => {
  const same = facilityAccounts({ accounts: {}, groups: {}, sameNames: true });
  assert.deepEqual(await same("games", "staff"), { uid: 5, gid: 50, groups: [60] });
  assert.equal(await same("--help", null), null);
});
