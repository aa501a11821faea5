import assert from "node:assert/strict";
import { test } from "node:test";
import { seenThere } from "./paths.ts";

const pairs = [
  { here: "/archive", there: "/net/archive/" },
  { here: "/archive/new/", there: "/fast" },
];

test("a provider sees a folder below the innermost pair that holds it, and not what no pair holds", () => {
  assert.equal(seenThere(pairs, "/archive"), "/net/archive");
  assert.equal(seenThere(pairs, "/archive/2024/scan"), "/net/archive/2024/scan");
  assert.equal(seenThere(pairs, "/archive/new"), "/fast");
  assert.equal(seenThere(pairs, "/archive/new/scan"), "/fast/scan");
  assert.equal(seenThere(pairs, "/archived"), null);
  assert.equal(seenThere(pairs, "/home/pi"), null);
});

test("without a pair everything is where the portal sees it", () => {
  assert.equal(seenThere([], "/home/pi"), "/home/pi");
});
