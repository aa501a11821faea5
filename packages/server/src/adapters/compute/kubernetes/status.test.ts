import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { endAsked } from "./names.ts";
import { givenUp, neverBegins, troubleOf } from "./pending.ts";
import { created, seen } from "./pod.testing.ts";
import type { Pod } from "./schema.ts";
import { observationOf, observationOfDeleted } from "./status.ts";

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
