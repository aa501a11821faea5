import assert from "node:assert/strict";
import { test } from "node:test";
import { techniquesFrom } from "./technique.ts";

const techniques = techniquesFrom([
  { id: "root", label: "any", parents: [] },
  { id: "neutron", label: "with neutrons", parents: ["root"] },
  { id: "saxs", label: "small angle x-ray", parents: ["sas"] },
  { id: "sas", label: "small angle", parents: ["root", "not-there"] },
  { id: "sans", label: "small angle neutron", parents: ["sas", "neutron"] },
  { id: "one", label: "one of a cycle", parents: ["two"] },
  { id: "two", label: "the other", parents: ["one"] },
]);

test("a technique holds itself and everything below it, by every parent", () => {
  assert.deepEqual([...techniques.withDescendants("sas")].sort(), ["sans", "sas", "saxs"]);
  assert.deepEqual([...techniques.withDescendants("neutron")].sort(), ["neutron", "sans"]);
  assert.deepEqual(techniques.withDescendants("sans"), ["sans"]);
});

test("what is unknown holds itself, and a cycle ends", () => {
  assert.deepEqual(techniques.withDescendants("?"), ["?"]);
  assert.deepEqual([...techniques.withDescendants("one")].sort(), ["one", "two"]);
  assert.equal(techniques.find("?"), null);
});

test("within goes upwards", () => {
  assert.ok(techniques.isWithin("sans", "neutron"));
  assert.ok(techniques.isWithin("sans", "sans"));
  assert.ok(!techniques.isWithin("sas", "sans"));
  assert.ok(!techniques.isWithin("saxs", "neutron"));
});
