import assert from "node:assert/strict";
import { test } from "node:test";
import { accountsInside } from "./inside.ts";

test("nobody's name makes a second account", () => {
  const account = { uid: 7, gid: 8, groups: [8, 9] };
  const { passwd, group } = accountsInside(account, "Eve\nroot:x:0:0::/:/bin/sh");
  assert.equal(passwd.split("\n").filter((line) => /^[^:]*:[^:]*:0:/.test(line)).length, 0);
  assert.equal(passwd.trim().split("\n").length, 2);
  assert.equal(group, "user:x:8:\nnogroup:x:65534:\ngroup-9:x:9:user\n");
});
