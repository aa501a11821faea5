import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dataset } from "@endstation/core";
import { withDefinedTechniques } from "./definition-techniques.ts";
import { readTechniques } from "./panet.ts";

const techniques = readTechniques();

function dataset(definitions: readonly string[], declared: readonly string[]): Dataset {
  return { definitions, techniques: declared.map((id) => ({ id, label: "" })) } as unknown as Dataset;
}

function idsOf(definitions: readonly string[], declared: readonly string[] = []): readonly string[] {
  return withDefinedTechniques(dataset(definitions, declared), techniques).techniques.map((one) => one.id);
}

test("R13 PaNET: what the ontology has below a technique is found with it", () => {
  const below = techniques.withDescendants("PaNET01124");
  for (const id of ["PaNET01124", "PaNET01188", "PaNET01189", "PaNET01277", "PaNET01162", "PaNET01241"])
    assert.ok(below.includes(id), id);
  assert.ok(!below.includes("PaNET01245"));
  const roots = ["PaNET00001", "PaNET2000000"].flatMap((id) => techniques.withDescendants(id));
  assert.equal(new Set(roots).size, 505);
  assert.equal(techniques.find("PaNET01189")?.label, "small angle neutron scattering");
});

test("R13 a definition tells the technique, unless something more special is declared", () => {
  assert.deepEqual(idsOf(["NXcanSAS"]), ["PaNET01124"]);
  assert.deepEqual(idsOf(["NXcanSAS"], ["PaNET01189"]), ["PaNET01189"]);
  assert.deepEqual(idsOf(["NXmx", "NXmx"], ["PaNET01189"]), ["PaNET01189", "PaNET01164"]);
  assert.deepEqual(idsOf(["NXunknown", "constructor", "__proto__"]), []);
});

test("labels are PaNET's, and every technique that a definition tells is in the table", () => {
  const known = [
    "NXcanSAS",
    "NXsas",
    "NXsastof",
    "NXmx",
    "NXtomo",
    "NXxas",
    "NXfluo",
    "NXarpes",
    "NXmonopd",
    "NXrefscan",
    "NXreftof",
    "NXdirecttof",
    "NXtas",
  ];
  for (const definition of known) assert.equal(idsOf([definition]).length, 1, definition);
  assert.equal(
    withDefinedTechniques(dataset([], ["PaNET01245"]), techniques).techniques[0]?.label,
    "inelastic neutron spectroscopy",
  );
});
