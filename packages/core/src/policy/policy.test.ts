import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dataset } from "../catalogue/dataset.ts";
import { type Environment, fit } from "../environment/environment.ts";
import type { Principal } from "../identity/principal.ts";
import type { Offer } from "../ports/compute-provider.ts";
import { admit, chooseFlavour } from "./admit.ts";
import {
  authorizeAdmin,
  authorizeScope,
  authorizeSession,
  relationTo,
  type SessionAction,
  type SessionRelation,
  wayOf,
} from "./authorize.ts";
import { hasRoom, mayTake } from "./links.ts";
import { accessTo, mayRead, type Release } from "./may-read.ts";
import { mayUse, place } from "./place.ts";

function person(account: string, more: Partial<Principal> = {}): Principal {
  return { account, name: account, email: null, roles: [], scopes: null, ...more };
}

const actions: readonly SessionAction[] = [
  "see",
  "look-inside",
  "enter",
  "read-log",
  "stop",
  "extend",
  "rename",
  "share",
  "ask",
  "read-audit",
];

/** What each relation may do; every other pair is refused. */
const table: Readonly<Record<SessionRelation, string>> = {
  owner: "see look-inside enter read-log stop extend rename share read-audit",
  member: "see look-inside enter read-log",
  support: "see look-inside enter read-log read-audit",
  viewer: "see look-inside enter ask",
  admin: "see look-inside read-log stop ask read-audit",
  staff: "see ask read-audit",
  peer: "see ask",
  none: "",
};

const asking: Readonly<Record<SessionRelation, Parameters<typeof authorizeSession>[2] & { by: Principal }>> =
  {
    owner: { by: person("pi"), owner: "pi", share: null, inTeam: true },
    member: { by: person("m"), owner: "pi", share: "member", inTeam: false },
    support: { by: person("s"), owner: "pi", share: "support", inTeam: false },
    viewer: { by: person("v"), owner: "pi", share: "viewer", inTeam: false },
    admin: { by: person("a", { roles: ["admin"] }), owner: "pi", share: null, inTeam: false },
    staff: { by: person("s", { roles: ["support"] }), owner: "pi", share: null, inTeam: false },
    peer: { by: person("p"), owner: "pi", share: null, inTeam: true },
    none: { by: person("x"), owner: "pi", share: null, inTeam: false },
  };

for (const relation of Object.keys(table) as SessionRelation[]) {
  test(`R81 R86 R110 to a session, ${relation} may ${table[relation] || "do nothing"}`, () => {
    const { by, ...facts } = asking[relation];
    for (const action of actions) {
      const decision = authorizeSession(by, action, facts);
      assert.equal(decision.allowed, table[relation].split(" ").includes(action), `${relation} ${action}`);
      if (!decision.allowed) assert.equal(decision.code, relation === "none" ? "not-found" : "not-allowed");
    }
  });
}

test("who is several things to a session may what one of them may, and is let in by her share", () => {
  const admin = person("a", { roles: ["admin", "support"] });
  const shared = { owner: "pi", share: "viewer", inTeam: true } as const;
  assert.equal(relationTo(admin, shared), "viewer");
  for (const action of ["stop", "read-audit", "ask"] as const)
    assert.ok(authorizeSession(admin, action, shared).allowed, action);
  assert.equal(authorizeSession(admin, "share", shared).allowed, false);
});

test("R81 R82 owner, members and support go in by one way, each viewer by her own, others by none", () => {
  const ways = (Object.keys(table) as SessionRelation[]).map((one) => [one, wayOf(one, "ann")]);
  assert.deepEqual(Object.fromEntries(ways), {
    ...{ owner: "session", member: "session", support: "session", viewer: "viewer:ann" },
    ...{ admin: null, staff: null, peer: null, none: null },
  });
});

test("R83 a link lets in until it is revoked, over or used up", () => {
  const link = { mostUses: 2, uses: [{ account: "a", at: 1 }], revokedAt: null, until: 100 };
  const whole = { ...link, id: "l", sessionId: "s", as: "viewer", by: "pi", at: 0 } as const;
  assert.ok(mayTake(whole, 99).allowed);
  for (const bad of [null, { ...whole, revokedAt: 5 }, { ...whole, until: 99 }]) {
    const decision = mayTake(bad, 99);
    assert.equal(!decision.allowed && decision.code, "link-invalid");
  }
  assert.deepEqual(
    [hasRoom(link), hasRoom({ ...link, mostUses: 1 }), hasRoom({ ...link, mostUses: null })],
    [true, false, true],
  );
});

test("nobody may do anything, and a token only what its scopes cover", () => {
  const facts = { owner: "pi", share: null, inTeam: true };
  assert.deepEqual(authorizeSession(null, "see", facts).allowed, false);
  assert.ok(authorizeSession(person("pi", { scopes: ["read"] }), "look-inside", facts).allowed);
  const stop = authorizeSession(person("pi", { scopes: ["read"] }), "stop", facts);
  assert.equal(!stop.allowed && stop.code, "scope-missing");
  assert.ok(authorizeScope(person("pi", { scopes: ["sessions"] }), "read").allowed);
  assert.equal(authorizeScope(person("pi", { scopes: [] }), "read").allowed, false);
  assert.equal(authorizeAdmin(person("pi")).allowed, false);
  assert.ok(authorizeAdmin(person("a", { roles: ["admin"] })).allowed);
  assert.equal(authorizeAdmin(person("a", { roles: ["admin"], scopes: ["read"] })).allowed, false);
});

const embargoed: Release = { releaseAt: 1000, listed: false, instrument: "LRMECS", memberAccounts: ["pi"] };
const policy = { instrumentsOf: { scientist: ["LRMECS"] } };

test("R3 R12 R19 R134 data are the team's until release, then everybody's; proprietary data never", () => {
  const cases: readonly (readonly [Principal | null, Release, number, string | null])[] = [
    [null, embargoed, 5000, null],
    [person("pi"), embargoed, 0, "member"],
    [person("other"), embargoed, 999, null],
    [person("other"), embargoed, 1000, "open"],
    [person("other"), { ...embargoed, listed: true }, 999, "embargoed"],
    [person("other"), { ...embargoed, releaseAt: null }, 9e15, null],
    [person("other", { roles: ["admin"] }), embargoed, 0, null],
    [person("other", { roles: ["support"] }), embargoed, 0, null],
    [person("scientist", { roles: ["instrument-scientist"] }), embargoed, 0, "member"],
    [person("scientist"), embargoed, 0, null],
    [
      person("scientist", { roles: ["instrument-scientist"] }),
      { ...embargoed, instrument: "SANS2D" },
      0,
      null,
    ],
  ];
  for (const [who, release, now, access] of cases) {
    assert.equal(accessTo(who, release, policy, now), access, `${who?.account} at ${now}`);
    assert.equal(mayRead(who, release, policy, now), access === "open" || access === "member");
  }
});

const environment: Environment = {
  name: "tof",
  title: "",
  description: "",
  kind: "jupyter",
  software: [],
  techniques: [{ id: "PaNET01239", label: "" }],
  definitions: ["NXdirecttof"],
  instruments: ["LRMECS"],
  madeFor: "direct-geometry time-of-flight",
  flavours: ["small", "large"],
  notebooks: [],
  source: {},
};
const dataset = {
  id: "d",
  pid: null,
  title: "",
  proposal: "p",
  instrument: "X",
  facility: "",
  techniques: [],
  definitions: [],
  sample: null,
  createdAt: null,
  sizeBytes: 0,
  fileCount: 0,
  releaseAt: null,
  licence: null,
  source: null,
  kind: "raw",
  availability: "online",
  parameters: [],
  problems: [],
} satisfies Dataset;

test("R65 R59 what suits a dataset comes first, with its reason", () => {
  assert.deepEqual(fit(environment, { ...dataset, instrument: "LRMECS" }), {
    score: 100,
    reason: "made for direct-geometry time-of-flight, and for LRMECS",
  });
  assert.equal(fit(environment, { ...dataset, definitions: ["NXdirecttof"] }).score, 90);
  assert.equal(
    fit(environment, { ...dataset, techniques: [{ id: "PaNET01239", label: "" }] }).reason,
    "made for direct-geometry time-of-flight",
  );
  assert.equal(fit(environment, dataset).score, 0);
  const forAny = { ...environment, techniques: [], definitions: [], instruments: [] };
  assert.equal(fit(forAny, dataset).score, 20);
  const terminal = { ...environment, kind: "terminal" } as const;
  assert.deepEqual(fit({ ...forAny, kind: "terminal" }, dataset), {
    score: 2,
    reason: "a shell beside the data",
  });
  assert.ok(fit(terminal, { ...dataset, instrument: "LRMECS" }).score < fit(forAny, dataset).score);
  assert.equal(fit(terminal, dataset).score, 0);
});

test("R28 R50 R104 a person has as many sessions as the facility allows, in a flavour that is offered", () => {
  const limits = {
    sessionsPerPerson: 2,
    batchSessionsPerPerson: 5,
    lifetimeHours: 8,
    longestLifetimeHours: 24,
  };
  assert.ok(admit(1, 1, "jupyter", limits).allowed);
  assert.equal(admit(2, 1, "jupyter", limits).allowed, false);
  assert.ok(admit(2, 3, "batch", limits).allowed);
  const refused = admit(3, 3, "batch", limits);
  assert.match(refused.allowed ? "" : refused.detail, /3 live batch sessions; 5 .* asked for 3 more/);
  const flavours = ["small", "large", "huge"].map((name) => ({
    name,
    title: name,
    cpus: 1,
    memoryMiB: 1,
    processes: 1,
    gpus: 0,
  }));
  assert.equal((chooseFlavour(environment, null, flavours) as { name: string }).name, "small");
  assert.equal((chooseFlavour(environment, "tiny", flavours) as { code: string }).code, "flavour-unknown");
  assert.equal(
    (chooseFlavour(environment, "huge", flavours) as { code: string }).code,
    "flavour-not-offered",
  );
});

test("R47 a session goes where it waits least, or is refused with the most hopeful reason", () => {
  const fits = (waitSeconds: number): Offer => ({ fits: true, waitSeconds, free: null });
  const no = (code: "too-large" | "no-capacity"): Offer => ({ fits: false, code, detail: code });
  const offers = [
    { provider: "a", offer: fits(60) },
    { provider: "b", offer: fits(0) },
    { provider: "c", offer: no("too-large") },
  ];
  assert.deepEqual(place(offers, null), {
    provider: "b",
    why: "starts at once; a: would wait about 1 min; c: too-large",
  });
  assert.deepEqual(place(offers, "a"), { provider: "a", why: "asked for" });
  const free = (free: number | null): Offer => ({ fits: true, waitSeconds: 0, free });
  const three = [
    { provider: "full", offer: free(1) },
    { provider: "unknown", offer: free(null) },
    { provider: "roomy", offer: free(7) },
  ];
  assert.equal((place(three, null) as { provider: string }).provider, "roomy");
  assert.equal((place(three.slice(0, 2), null) as { provider: string }).provider, "full");
  assert.equal((place(offers, "c") as { code: string }).code, "too-large");
  assert.equal((place(offers, "nowhere") as { code: string }).code, "provider-unknown");
  assert.equal((place([], null) as { code: string }).code, "provider-unknown");
  assert.equal(
    (
      place(
        [
          { provider: "c", offer: no("too-large") },
          { provider: "d", offer: no("no-capacity") },
        ],
        null,
      ) as { code: string }
    ).code,
    "no-capacity",
  );
});

test("R47 a provider is for everybody, or for the accounts and roles that its rule names", () => {
  const scientist = person("sam", { roles: ["instrument-scientist"] });
  assert.equal(mayUse(scientist, null), true);
  assert.equal(mayUse(scientist, { accounts: [], roles: [] }), false);
  assert.equal(mayUse(scientist, { accounts: [scientist.account], roles: [] }), true);
  assert.equal(mayUse(scientist, { accounts: ["somebody"], roles: ["instrument-scientist"] }), true);
  assert.equal(mayUse(scientist, { accounts: [], roles: ["admin"] }), false);
});
