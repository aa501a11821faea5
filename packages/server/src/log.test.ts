import assert from "node:assert/strict";
import { test } from "node:test";
import { forPeople } from "./log.ts";

test("a line of the log is readable on a terminal, its error in brackets and without a stack", () => {
  const line = JSON.stringify({
    level: 40,
    time: 0,
    msg: "not harvested",
    catalogue: "demo",
    err: { message: "gone", stack: "at x" },
  });
  assert.equal(forPeople(line), "00:00:00 warning not harvested catalogue=demo (gone)\n");
});
