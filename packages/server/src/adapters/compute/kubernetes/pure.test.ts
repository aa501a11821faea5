import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { LaunchSpec } from "@endstation/core";
import { createSessionWorld } from "../../../testing/session-world.ts";
import { kubernetesConfig } from "./config.ts";
import { accessBy } from "./kubeconfig.ts";
import { placeOf, podOf, secretOf } from "./manifest.ts";
import { attemptOf, endAsked, ownerOf, podName } from "./names.ts";
import { neverFits, offerOf, type Surroundings, type Wanted } from "./offers.ts";
import { givenUp, neverBegins, troubleOf } from "./pending.ts";
import { quantity } from "./quantity.ts";
import { nodeList, type Pod, pod, quotaList } from "./schema.ts";
import { observationOf, observationOfDeleted } from "./status.ts";

const created = "2026-01-01T10:00:00Z";

function seen(status: object, metadata: object = {}, spec: object = { nodeName: "n1" }): Pod {
  return pod.parse({
    metadata: { name: "p", uid: "u", resourceVersion: "1", creationTimestamp: created, ...metadata },
    spec: { containers: [], ...spec },
    status,
  });
}

const ended = (phase: string, terminated: object, more: object = {}) => ({
  phase,
  containerStatuses: [{ state: { terminated } }],
  ...more,
});
const disrupted = (reason: string) => ({
  conditions: [{ type: "DisruptionTarget", status: "True", reason, message: "in the cluster's words" }],
});

describe("what a pod that has ended says", () => {
  const finishedAt = "2026-01-01T11:00:00Z";
  const deletionTimestamp = "2026-01-01T11:00:10Z";
  const asked = { annotations: { [endAsked]: "null" } };
  const cases: readonly (readonly [string, Pod, string | null, number | null])[] = [
    ["by itself", seen(ended("Succeeded", { exitCode: 0 })), null, 0],
    ["with an error of its own", seen(ended("Failed", { exitCode: 3, reason: "Error" })), null, 3],
    [
      "killed for memory",
      seen(ended("Failed", { exitCode: 137, reason: "OOMKilled" })),
      "out-of-memory",
      137,
    ],
    [
      "well, although a kernel was killed for memory",
      seen(ended("Succeeded", { exitCode: 0, reason: "OOMKilled" })),
      null,
      0,
    ],
    ["killed", seen(ended("Failed", { exitCode: 137, reason: "Error" })), "killed", 137],
    ["told to end by somebody", seen(ended("Failed", { exitCode: 143, reason: "Error" })), "killed", 143],
    [
      "lost with its runtime",
      seen(ended("Failed", { exitCode: 137, reason: "ContainerStatusUnknown" })),
      "killed",
      137,
    ],
    [
      "of the time limit",
      seen(ended("Failed", { exitCode: 0 }, { reason: "DeadlineExceeded" })),
      "time-limit",
      0,
    ],
    ["as we asked", seen(ended("Failed", { exitCode: 33 }, { reason: "DeadlineExceeded" }), asked), null, 33],
    [
      "out of memory before we asked",
      seen(ended("Failed", { exitCode: 137, reason: "OOMKilled" }), asked),
      "out-of-memory",
      137,
    ],
    [
      "because the node was full",
      seen({ phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." }),
      "preempted",
      null,
    ],
    [
      "because it filled the node's disk",
      seen({
        phase: "Failed",
        reason: "Evicted",
        message: "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.",
      }),
      "killed",
      null,
    ],
    [
      "evicted by an administrator",
      seen(ended("Failed", { exitCode: 0, finishedAt }, disrupted("EvictionByEvictionAPI")), {
        deletionTimestamp,
        deletionGracePeriodSeconds: 10,
      }),
      "preempted",
      0,
    ],
    [
      "for a more urgent pod",
      seen(ended("Failed", { exitCode: 143 }, disrupted("PreemptionByScheduler"))),
      "preempted",
      143,
    ],
    [
      "as its node shut down",
      seen(
        ended("Failed", { exitCode: 143 }, { reason: "Terminated", ...disrupted("TerminationByKubelet") }),
      ),
      "preempted",
      143,
    ],
    ["with its node", seen({ phase: "Failed", ...disrupted("DeletionByPodGC") }), "killed", null],
    [
      "deleted by somebody while it ran",
      seen(ended("Succeeded", { exitCode: 0, finishedAt }), {
        deletionTimestamp,
        deletionGracePeriodSeconds: 10,
      }),
      "killed",
      0,
    ],
    [
      "before somebody tidied it away",
      seen(ended("Succeeded", { exitCode: 0, finishedAt }), { deletionTimestamp: "2026-01-02T11:00:00Z" }),
      null,
      0,
    ],
    [
      "refused by its node",
      seen({ phase: "Failed", reason: "OutOfcpu", message: "Node didn't have enough resource" }),
      "launch-rejected",
      null,
    ],
    [
      "without an environment",
      seen(
        ended("Failed", {
          exitCode: 128,
          reason: "StartError",
          message: "exec: stat /opt/x: no such file or directory",
        }),
      ),
      "environment-unavailable",
      128,
    ],
    [
      "never started",
      seen(ended("Failed", { exitCode: 128, reason: "StartError", message: "seccomp is not supported" })),
      "launch-rejected",
      128,
    ],
  ];
  for (const [what, one, code, exitCode] of cases)
    test(what, () => {
      const gone = observationOf(one);
      assert.equal(gone.state, "gone");
      if (gone.state !== "gone") return;
      assert.equal(gone.exitCode, exitCode);
      assert.equal(gone.cause?.code ?? null, code);
      if (gone.cause !== null)
        assert.match(gone.cause.detail, /.+ \(.+\)$|by somebody$/, "it has the cluster's words");
    });

  test("what is no more although it ran was deleted, by us or by somebody", () => {
    const running = { phase: "Running", containerStatuses: [{ state: { running: {} } }] };
    assert.equal(observationOfDeleted(seen(running)).cause?.code, "killed");
    assert.equal(observationOfDeleted(seen(running, asked)).cause, null);
    const lost = { ...running, ...disrupted("DeletionByTaintManager") };
    assert.match(observationOfDeleted(seen(lost)).cause?.detail ?? "", /^node n1 was lost/);
  });

  test("an end that we gave a cause has it", () => {
    const cause = { code: "environment-unavailable", detail: "why" };
    const annotations = { [endAsked]: JSON.stringify(cause) };
    const gone = observationOf(seen({ phase: "Failed", reason: "DeadlineExceeded" }, { annotations }));
    assert.deepEqual(gone.state === "gone" && gone.cause, cause);
  });
});

describe("what a pod that has not begun says", () => {
  const scheduling = (message: string) =>
    seen(
      { conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }] },
      {},
      {},
    );
  const waiting = (reason: string, message = "", conditions: object[] = []) =>
    seen({ phase: "Pending", conditions, containerStatuses: [{ state: { waiting: { reason, message } } }] });
  const cases: readonly (readonly [Pod, string | null, RegExp])[] = [
    [seen({}, {}, {}), null, /^it waits for a place$/],
    [
      scheduling("0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes"),
      null,
      /^the nodes have no room at the moment \(0\/1 nodes are available: 1 Insufficient cpu\.\)$/,
    ],
    [
      scheduling("0/3 nodes are available: 3 Insufficient nvidia.com/gpu."),
      null,
      /^no graphics processor is free/,
    ],
    [scheduling("0/1 nodes are available: 1 node(s) had untolerated taint {a: b}."), null, /^no node takes/],
    [scheduling("pod has unbound immediate PersistentVolumeClaims."), null, /^its storage is not there yet/],
    [scheduling("0/1 nodes are available: 1 Too many pods."), null, /^the nodes have as many/],
    [seen({}), null, /^its place is being made ready$/],
    [
      waiting("ContainerCreating"),
      "FailedMount: no such share",
      /^its place is being made ready \(FailedMount: no such share\)$/,
    ],
    [
      waiting("ContainerCreating", "", [{ type: "PodReadyToStartContainers", status: "True" }]),
      null,
      /^its software is being fetched$/,
    ],
    [
      waiting("ErrImagePull", "dial tcp: connection refused"),
      null,
      /^its software cannot be fetched at the moment \(ErrImagePull: dial tcp: connection refused\)$/,
    ],
  ];
  for (const [one, complaint, expected] of cases)
    test(expected.source, () => {
      const queued = observationOf(one, complaint);
      assert.equal(queued.state, "queued");
      if (queued.state === "queued") assert.match(queued.waiting.reason, expected);
    });

  test("what never will begin is told from what may", () => {
    const never = ["rpc error: code = NotFound desc = x: not found", "401 Unauthorized", "manifest unknown"];
    for (const message of never)
      assert.equal(neverBegins(waiting("ErrImagePull", message))?.code, "environment-unavailable");
    for (const reason of ["InvalidImageName", "ErrImageNeverPull"])
      assert.equal(neverBegins(waiting(reason))?.code, "environment-unavailable");
    for (const message of ["dial tcp: connection refused", "i/o timeout", "toomanyrequests", ""])
      assert.equal(neverBegins(waiting("ImagePullBackOff", message)), null);
    assert.equal(neverBegins(waiting("ContainerCreating")), null);
  });

  test("trouble that lasts is given up with a code; a slow image is no trouble", () => {
    assert.equal(troubleOf(waiting("ImagePullBackOff", "timeout"), null), null);
    assert.equal(troubleOf(waiting("ContainerCreating"), null), null);
    const config = troubleOf(waiting("CreateContainerConfigError", "failed to prepare subPath"), null) ?? "";
    assert.equal(givenUp(config).code, "data-unreachable");
    assert.equal(givenUp("FailedCreatePodSandBox: no address left").code, "launch-rejected");
  });

  test("a node out of contact, and a phase that nobody knows, are no end", () => {
    const running = { containerStatuses: [{ state: { running: {} } }] };
    for (const phase of ["Running", "Unknown"])
      assert.deepEqual(observationOf(seen({ phase, ...running }, { deletionTimestamp: created })), {
        state: "running",
      });
    // Between the container's end and the pod's.
    assert.equal(observationOf(seen(ended("Running", { exitCode: 0 }))).state, "running");
  });
});

describe("names", () => {
  const of = { sessionId: "s-abcdefghij0123456789", attempt: 12 };
  const owner = ownerOf("/var/lib/endstation/compute/kubernetes");

  test("a handle says which attempt of which session it is, and whose", () => {
    const name = podName(of, owner);
    assert.match(name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "it is a DNS label");
    assert.deepEqual(attemptOf(name, owner), of);
    assert.equal(attemptOf(name, ownerOf("/elsewhere")), null);
  });

  test("what is none is none", () => {
    const hostile = [
      "",
      "never-there",
      "../../secrets/x",
      `s-abc-1-${owner}`,
      `${of.sessionId}-1x-${owner}`,
      `${of.sessionId}-1-${owner}/log`,
      `${of.sessionId.toUpperCase()}-1-${owner}`,
    ];
    for (const handle of hostile) assert.equal(attemptOf(handle, owner), null, handle);
  });
});

describe("a pod's manifest", () => {
  const world = createSessionWorld({ source: { image: `r/x@sha256:${"0".repeat(64)}` } });
  world.remove();
  const config = kubernetesConfig.parse({
    namespace: "n",
    claims: [
      { here: world.folder, claim: "people.example", subPath: "/facility/" },
      { here: `${world.folder}/archive`, claim: "archive" },
    ],
    flavours: {
      gpu: {
        nodeSelector: { gpu: "yes" },
        tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
        gpuResource: "nvidia.com/mig-1g.10gb",
      },
    },
    timeLimitHours: 1.5,
  });
  const context = { config, owner: "0a1b2c3d", provider: "kubernetes", secretName: "secret-1" };
  const made = (changes: Parameters<typeof world.spec>[0] = {}) => podOf(world.spec(changes), context).spec;

  test("R23 folders lie in the innermost claim, one volume for each claim, the archive read-only as a whole", () => {
    const { volumes, containers } = made();
    const mounts = containers[0]?.volumeMounts as {
      mountPath: string;
      name: string;
      subPath?: string;
      readOnly?: boolean;
    }[];
    const at = (path: string) => mounts.find(({ mountPath }) => mountPath === path);
    assert.deepEqual(at("/home/user"), {
      name: "claim-0",
      mountPath: "/home/user",
      readOnly: false,
      subPath: "facility/homes-one",
    });
    assert.deepEqual(at("/data/sample"), {
      name: "claim-1",
      mountPath: "/data/sample",
      readOnly: true,
      subPath: "sample",
    });
    assert.equal(at("/results")?.name, "claim-0");
    assert.deepEqual(volumes.slice(3), [
      { name: "claim-0", persistentVolumeClaim: { claimName: "people.example", readOnly: false } },
      { name: "claim-1", persistentVolumeClaim: { claimName: "archive", readOnly: true } },
    ]);
  });

  test("R24 requests are limits; a flavour has its own nodes and its own graphics processors", () => {
    const plain = made().containers[0];
    assert.deepEqual(plain?.resources.requests, { cpu: "1000m", memory: "768Mi" });
    const gpu = made({ flavour: { name: "gpu", gpus: 2 } });
    assert.deepEqual(gpu.containers[0]?.resources.limits, {
      cpu: "1000m",
      memory: "768Mi",
      "nvidia.com/mig-1g.10gb": "2",
    });
    assert.deepEqual(gpu.nodeSelector, { gpu: "yes" });
    assert.equal(gpu.tolerations[0]?.key, "nvidia.com/gpu");
    assert.equal(gpu.activeDeadlineSeconds, 5400);
  });

  test("nobody hands the site's volumes over to a session's group", () => {
    assert.ok(!JSON.stringify(made()).includes("fsGroup"));
  });

  test("R43 what is secret is in the Secret alone, which belongs to the pod", () => {
    const spec: LaunchSpec = world.spec();
    const there = seen({}, { name: "p", uid: "u1" }, { volumes: [{ secret: { secretName: "secret-1" } }] });
    const secret = secretOf(spec, there, { ticket: "the key", launcherZip: new Uint8Array([1]) });
    assert.equal(secret.metadata.name, "secret-1");
    assert.deepEqual(secret.metadata.ownerReferences, [
      { apiVersion: "v1", kind: "Pod", name: "p", uid: "u1" },
    ]);
    assert.deepEqual(Object.keys(secret.stringData), [
      "spec.json",
      "datasets.json",
      "tunnel.json",
      "passwd",
      "group",
    ]);
    assert.ok(!JSON.stringify(podOf(spec, context)).includes("the key"));
  });

  test("a hostile name stays in its field of passwd", () => {
    const spec = world.spec();
    const owner = { account: "x", name: "Eve:0:0\nroot::0:0" };
    const secret = secretOf({ ...spec, document: { ...spec.document, owner } }, seen({}), {
      ticket: "",
      launcherZip: new Uint8Array(),
    });
    assert.equal(
      (secret.stringData as Record<string, string>)["passwd"]?.split("\n")[0],
      `user:x:${spec.posix.uid}:${spec.posix.gid}:Eve 0 0 root  0 0:/home/user:/bin/bash`,
    );
  });

  test("what no claim holds is found nowhere", () => {
    assert.equal(placeOf(config.claims, "/elsewhere"), null);
    assert.equal(placeOf(config.claims, `${world.folder}-other/x`), null);
    assert.deepEqual(placeOf([{ here: "/a/", claim: "c", subPath: "" }], "/a"), { claim: "c", subPath: "" });
  });
});

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

describe("a kubeconfig", () => {
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  const written = (user: object, cluster: object = {}) => {
    const file = join(folder, "config");
    const known = {
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
      clusters: [{ name: "k", cluster: { server: "https://k.example:6443/", ...cluster } }],
      users: [{ name: "u", user }],
    };
    writeFileSync(file, JSON.stringify(known));
    return file;
  };

  test("a token's file is read for each call, from where the kubeconfig lies", async () => {
    const access = accessBy(written({ tokenFile: "token" }, { "certificate-authority-data": "Y2E=" }));
    for (const token of ["one", "two"]) {
      writeFileSync(join(folder, "token"), `${token}\n`);
      assert.equal(await access.token(), token);
    }
    assert.deepEqual(
      { ...access, token: null },
      { server: "https://k.example:6443", tls: { ca: "ca" }, token: null },
    );
  });

  test("what cannot be used is a fault of the configuration that names the file and no secret", () => {
    const faulty = [
      () => accessBy(join(folder, "none")),
      () => accessBy(written({ exec: { command: "aws" } })),
      () => accessBy(written({ token: "sesame" }, { server: "http://k.example" })),
      () => accessBy(undefined),
    ];
    for (const attempt of faulty)
      assert.throws(attempt, (error: { code?: string; message: string }) => {
        assert.equal(error.code, "config-invalid");
        assert.ok(!error.message.includes("sesame"));
        return true;
      });
    rmSync(folder, { recursive: true });
  });
});
