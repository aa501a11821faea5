import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Rejected } from "@endstation/core";
import { parseFacility } from "./facility.ts";

const demonstration = readFileSync(join(import.meta.dirname, "../../../../../../demo/facility.yaml"), "utf8");

test("the demonstration facility is valid, and what is not listed is unlisted", () => {
  const facility = parseFacility("facility.yaml", demonstration);
  assert.ok(facility.proposals.length > 10);
  const lrmecs = facility.proposals.find((one) => one.instrument === "lrmecs");
  assert.equal(lrmecs?.listed, false);
  assert.equal(lrmecs?.releaseAt, Date.parse("2031-01-01T00:00:00Z"));
});

/** A change of the demonstration's text, and what must be said of it. */
const faults: readonly (readonly [what: string, from: RegExp, to: string, said: RegExp])[] = [
  ["an unknown key", /roles: \[\]/, "rolls: []", /accounts\.0.*"rolls"/],
  [
    "a wrong account in a team",
    /account: "member", role/,
    'account: "membr", role',
    /ipns-2001-mgb2\.members: there is no "membr"/,
  ],
  [
    "an unknown instrument",
    /instrument: lrmecs/,
    "instrument: lrmec",
    /ipns-2001-mgb2\.instrument: there is no "lrmec"/,
  ],
  ["an unknown facility", /facility: ipns/, "facility: ipnss", /there is no "ipnss"/],
  [
    "a dataset that is there twice",
    /id: aps-2018-lew-sa3/,
    "id: aps-2018-vtma-series",
    /"aps-2018-vtma-series" is there twice/,
  ],
  [
    "a moment without a time zone",
    /releaseAt: "2031-01-01T00:00:00Z"/,
    'releaseAt: "2031-01-01"',
    /line \d+, proposals\.0\.releaseAt: a moment with its time zone/,
  ],
  ["no release date at all", /releaseAt: "2031-01-01T00:00:00Z"/, "", /proposals\.0\.releaseAt/],
  [
    "a folder that leads out",
    /folder: ipns-2001-mgb2\/lrmecs/,
    "folder: ../../lrmecs",
    /datasets\.0\.folder: a path below/,
  ],
  [
    "an absolute folder",
    /folder: ipns-2001-mgb2\/lrmecs/,
    "folder: /etc",
    /datasets\.0\.folder: a path below/,
  ],
  ["an id that is no slug", /id: lrmecs-3701-mgb2-8k/, "id: LRMECS/3701", /datasets\.0\.id: a slug/],
  ["a role that does not exist", /role: "local-contact"/, 'role: "boss"', /members\.2\.role/],
  ["a technique that is none", /id: "PaNET01245"/, 'id: "SANS"', /techniques\.0\.id: a PaNET id/],
  ["text that is no YAML", /version: 1/, "version: [", /facility\.yaml: /],
  ["a key that is there twice", /version: 1/, "version: 1\nversion: 1", /unique/],
  ["another version", /version: 1/, "version: 2", /version/],
];

for (const [what, from, to, said] of faults)
  test(`facility.yaml with ${what} is refused, with the place`, () => {
    const text = demonstration.replace(from, to);
    assert.notEqual(text, demonstration, "the demonstration no longer has what this test changes");
    assert.throws(
      () => parseFacility("facility.yaml", text),
      (error: unknown) => {
        assert.ok(error instanceof Rejected);
        assert.equal(error.refusal.code, "config-invalid");
        assert.match(error.refusal.detail, said);
        return true;
      },
    );
  });

test("a bomb of aliases is refused", () => {
  const bomb = `a: &a [x, x]\n${"bcdefghijklmnop"
    .split("")
    .map((name, index) => `${name}: &${name} [*${"abcdefghijklmno"[index]}, *${"abcdefghijklmno"[index]}]`)
    .join("\n")}`;
  assert.throws(() => parseFacility("facility.yaml", bomb));
});
