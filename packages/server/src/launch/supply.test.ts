import assert from "node:assert/strict";
import { test } from "node:test";
import { type Offer, Rejected, Unavailable } from "@endstation/core";
import { type SupplyNeeds, supplyOf } from "./supply.ts";

const flavour = { name: "small", title: "Small", cpus: 1, memoryMiB: 1024, processes: 100, gpus: 0 };
const request = { kind: "jupyter", flavour, source: { path: "/env" }, folders: [] } as const;
const capabilities = {
  kinds: ["jupyter"],
  endpoints: ["jupyter"],
  logs: false,
  isolation: "sandbox",
  limits: "none",
  network: "none",
  sources: ["path"],
} as const;
const never = new AbortController().signal;

const pi = { account: "pi", name: "Pi", email: null, roles: [], scopes: null };

function supplyWith(
  offers: () => Promise<Offer>,
  more: Partial<Pick<SupplyNeeds, "rules"> & { drained: string }> = {},
) {
  const { rules = new Map(), drained } = more;
  return supplyOf({
    environments: [],
    flavours: [flavour],
    providers: new Map([["one", { capabilities, offers }]]),
    rules,
    states: { drains: async () => (drained === undefined ? [] : [{ provider: drained, by: "op", at: 1 }]) },
  });
}

async function offerBy(offers: () => Promise<Offer>): Promise<Offer | undefined> {
  const supply = supplyWith(offers);
  return (await supply.offers(pi, request, never))[0]?.offer;
}

test("R24 a provider's offer is passed on, its refusals are coded, an outage of one is not an error of all", async () => {
  const fits = { fits: true, waitSeconds: 0, free: 3 } as const;
  assert.deepEqual(await offerBy(async () => fits), fits);
  const refused = await offerBy(() => Promise.reject(new Rejected("too-large", "no machine of that size")));
  assert.deepEqual(refused, { fits: false, code: "too-large", detail: "no machine of that size" });
  const down = await offerBy(() => Promise.reject(new Unavailable("no route")));
  assert.equal(down?.fits === false && down.code, "provider-unavailable");
});

test("a provider that has none of an environment's sources is not asked", async () => {
  const asked = () => Promise.reject(new Error("asked"));
  const supply = supplyWith(asked);
  const [found] = await supply.offers(pi, { ...request, source: { image: "a@sha256:b" } }, never);
  assert.equal(found?.offer.fits === false && found.offer.code, "environment-unavailable");
});

test("what is unforeseen in a provider is not hidden", async () => {
  await assert.rejects(
    offerBy(() => Promise.reject(new TypeError("a mistake"))),
    { code: "internal" },
  );
});

test("R47 a drained provider is not asked and says why; one that she may not use is not there", async () => {
  const asked = () => Promise.reject(new Error("asked"));
  const [drained] = await supplyWith(asked, { drained: "one" }).offers(pi, request, never);
  assert.equal(drained?.offer.fits === false && drained.offer.code, "provider-drained");
  const rules = new Map([["one", { accounts: ["somebody"], roles: [] }]]);
  assert.deepEqual(await supplyWith(asked, { rules }).offers(pi, request, never), []);
});

test("a provider that does not run sessions of a kind is not asked for one", async () => {
  const asked = () => Promise.reject(new Error("asked"));
  const [found] = await supplyWith(asked).offers(pi, { ...request, kind: "batch" }, never);
  assert.equal(found?.offer.fits === false && found.offer.code, "environment-unavailable");
});
