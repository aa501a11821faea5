import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { choicesOf } from "../../src/pages/find-data/choices.ts";
import { offersOf } from "../../src/parts/start/offers.ts";
import { datasets } from "../portal/fixtures/data.ts";
import { plans } from "../portal/fixtures/environments.ts";

const full = { code: "no-capacity", title: "There is no free place now", detail: "", next: "" };

describe("what is proposed", () => {
  it("R65 the environment that fits best comes first, in its own flavour", () => {
    const [best] = offersOf(plans);
    assert.equal(best?.environment, "tof-spectroscopy");
    assert.equal(best?.proposed?.flavour, "medium");
    assert.deepEqual(
      best?.plans.map(({ flavour }) => flavour),
      ["medium", "small", "large"],
    );
  });

  it("when its own flavour cannot be had another one is proposed, and none when none can", () => {
    const busy = plans.map((plan) => (plan.flavour === "medium" ? { ...plan, cause: full } : plan));
    assert.equal(offersOf(busy)[0]?.proposed?.flavour, "small");
    const none = plans.map((plan) => ({ ...plan, cause: full }));
    assert.equal(offersOf(none)[0]?.proposed, null);
  });

  it("an environment that fits and can be had comes before one that fits better and cannot; what fits nothing stays last", () => {
    const busy = plans.map((plan) =>
      plan.environment === "tof-spectroscopy" ? { ...plan, cause: full } : plan,
    );
    assert.deepEqual(
      offersOf(busy).map(({ environment }) => environment),
      ["nexus", "tof-spectroscopy", "sas"],
    );
  });

  it("of several providers the one that waits least stands for a flavour", () => {
    const [first] = plans;
    assert.ok(first !== undefined);
    const slow = { ...first, provider: "cluster", waitEstimateSeconds: 600 };
    const refused = { ...first, provider: "old", cause: full };
    assert.equal(offersOf([refused, slow, first])[0]?.proposed?.provider, "local");
  });

  it("the filters offer what the data have, sorted, and what is chosen even if no data have it", () => {
    const { techniques, instruments } = choicesOf(datasets, { instrument: "IN5" });
    assert.deepEqual(
      instruments.map(({ label }) => label),
      ["I03/I04", "IN5", "LARMOR", "LRMECS", "SANS2D"],
    );
    assert.equal(techniques[0]?.label, "inelastic neutron spectroscopy");
  });
});
