import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { kubernetesConfig } from "./config.ts";
import { neverFits, offerOf, type Surroundings, type Wanted } from "./offers.ts";
import { seen } from "./pod.testing.ts";
import { quantity } from "./quantity.ts";
import { nodeList, quotaList } from "./schema.ts";

describe("offers", () => {
  const config = kubernetesConfig.parse({ namespace: "n", claims: [{ here: "/archive", claim: "archive" }] });
  const flavour = { name: "s", title: "S", cpus: 2, memoryMiB: 2048, processes: 100, gpus: 0 };
  const source = { image: "x" };
  const wanted = (changes: Partial<Wanted> = {}): Wanted => ({
    kind: "jupyter",
    flavour,
    source,
    mounts: [{ source: "/archive/a" }],
    ...changes,
  });
  const node = (name: string, allocatable: object, spec: object = {}) => ({
    metadata: { name },
    spec,
    status: { allocatable },
  });
  const nodes = (...items: object[]) => nodeList.parse({ items }).items;
  const big = node("big", { cpu: "8", memory: "16Gi", pods: "110" });
  const taken = (cpu: string, memory: string, nodeName = "big") =>
    seen(
      { phase: "Running" },
      {},
      {
        nodeName,
        containers: [{ resources: { requests: { cpu, memory } } }],
        initContainers: [
          { restartPolicy: "Always", resources: { requests: { cpu: "500m" } } },
          { resources: { requests: { cpu: "7" } } },
        ],
      },
    );
  const around = (changes: Partial<Surroundings> = {}): Surroundings => ({
    nodes: nodes(big),
    pods: [],
    quotas: [],
    claims: new Set(["archive"]),
    ...changes,
  });
  const quota = (hard: object, used: object, spec: object = {}) =>
    quotaList.parse({ items: [{ metadata: { name: "q" }, spec, status: { hard, used } }] }).items;

  test("R24 free places are what the nodes have and nobody asked for", () => {
    assert.deepEqual(offerOf(wanted(), config, around()), { fits: true, waitSeconds: 0, free: 4 });
    assert.deepEqual(offerOf(wanted(), config, around({ pods: [taken("1500m", "1Gi")] })), {
      fits: true,
      waitSeconds: 0,
      free: 3,
    });
    assert.deepEqual(offerOf(wanted(), config, around({ pods: [taken("1", "13Gi")] })), {
      fits: true,
      waitSeconds: 0,
      free: 1,
    });
    assert.deepEqual(offerOf(wanted(), config, around({ pods: [taken("7", "1Gi")] })), {
      fits: true,
      waitSeconds: 600,
      free: 0,
    });
    assert.deepEqual(offerOf(wanted(), config, around({ pods: null })), {
      fits: true,
      waitSeconds: 0,
      free: null,
    });
  });

  test("nodes that are cordoned, tainted or not selected give no place", () => {
    const tainted = (key: string) =>
      node("t", { cpu: "8", memory: "16Gi", pods: "110" }, { taints: [{ key, effect: "NoSchedule" }] });
    const cordoned = node("c", { cpu: "8", memory: "16Gi", pods: "110" }, { unschedulable: true });
    const free = (own: object, ...items: object[]) => {
      const offer = offerOf(wanted(), { ...config, ...own }, around({ nodes: nodes(...items) }));
      return offer.fits ? offer.free : offer.code;
    };
    assert.equal(free({}, cordoned), 0);
    assert.equal(free({}, tainted("gpu")), 0);
    assert.equal(free({}, tainted("node.kubernetes.io/not-ready")), 0);
    assert.equal(free({ tolerations: [{ key: "gpu", operator: "Exists" }] }, tainted("gpu")), 4);
    assert.equal(free({ tolerations: [{ key: "gpu", operator: "Equal", value: "x" }] }, tainted("gpu")), 0);
    assert.equal(free({ nodeSelector: { zone: "a" } }, big), 0);
  });

  test("what never fits is refused, with a code", () => {
    const code = (changes: Partial<Wanted>, surroundings: Partial<Surroundings> = {}) =>
      neverFits(wanted(changes), config, around(surroundings))?.code ?? null;
    assert.equal(code({}), null);
    assert.equal(code({ kind: "desktop" }), "environment-unavailable");
    assert.equal(code({ source: { path: "/x" } }), "environment-unavailable");
    assert.equal(code({ mounts: [{ source: "/home/x" }] }), "data-unreachable");
    assert.equal(code({}, { claims: new Set() }), "data-unreachable");
    assert.equal(code({ flavour: { ...flavour, cpus: 9 } }), "too-large");
    assert.equal(code({ flavour: { ...flavour, gpus: 1 } }), "too-large");
    assert.equal(
      code({ flavour: { ...flavour, cpus: 9 } }, { nodes: [] }),
      null,
      "a cluster that grows may get a node",
    );
    assert.equal(code({}, { quotas: quota({ "limits.cpu": "1" }, {}) }), "too-large");
  });

  test("a quota that is used up says so; one of some pods only is not looked at", () => {
    const code = (quotas: Surroundings["quotas"]) => {
      const offer = offerOf(wanted(), config, around({ quotas }));
      return offer.fits ? "fits" : offer.code;
    };
    assert.equal(
      code(quota({ "requests.cpu": "4", pods: "10" }, { "requests.cpu": "3", pods: "1" })),
      "no-capacity",
    );
    assert.equal(code(quota({ memory: "4Gi" }, { memory: "1Gi" })), "fits");
    assert.equal(code(quota({ pods: "3" }, { pods: "3" })), "no-capacity");
    assert.equal(code(quota({ pods: "3" }, { pods: "3" }, { scopes: ["BestEffort"] })), "fits");
  });
});

test("quantities", () => {
  const known = {
    "2": 2,
    "500m": 0.5,
    "24581684Ki": 24581684 * 1024,
    "1Gi": 2 ** 30,
    "1G": 1e9,
    "1e3": 1000,
    "129e6": 129e6,
    "2E": 2e18,
    "1.5Gi": 1.5 * 2 ** 30,
  };
  for (const [text, value] of Object.entries(known)) assert.equal(quantity(text), value, text);
  for (const text of [undefined, "", "x", "1 Gi", "Ki"]) assert.equal(quantity(text), 0);
});
