import assert from "node:assert/strict";
import { test } from "node:test";
import { mayReadCases, mayReadNow, mayReadPolicy } from "../../testing/may-read-cases.ts";
import { accessTo, mayRead, readerOf } from "./may-read.ts";

test(`R3 R12 R19 R110 R134 who may read what, ${mayReadCases.length} cases of the table that the index is tested with too`, () => {
  for (const { name, principal, release, access } of mayReadCases) {
    assert.equal(accessTo(principal, release, mayReadPolicy, mayReadNow), access, name);
    const may = mayRead(principal, release, mayReadPolicy, mayReadNow);
    assert.equal(may, access === "open" || access === "member", name);
  }
});

test("nobody who is not logged in has any access", () => {
  for (const { release } of mayReadCases)
    assert.equal(accessTo(null, release, mayReadPolicy, mayReadNow), null);
});

test("a reader carries her instruments only with the role", () => {
  const person = { account: "scientist", name: "", email: null, roles: [], scopes: null } as const;
  assert.deepEqual(readerOf(person, mayReadPolicy, 1).instruments, []);
  const scientist = { ...person, roles: ["instrument-scientist"] as const };
  assert.deepEqual(readerOf(scientist, mayReadPolicy, 1).instruments, ["LRMECS", "LOQ"]);
  assert.deepEqual(readerOf({ ...scientist, account: "__proto__" }, mayReadPolicy, 1).instruments, []);
});
