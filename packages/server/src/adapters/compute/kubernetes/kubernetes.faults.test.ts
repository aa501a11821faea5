import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type LaunchSpec, Unavailable } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { cuts, type MortalEngine, survivesCuts } from "../../../testing/cuts.ts";
import { engine } from "../../../testing/engines.ts";
import { placesOf } from "../../../testing/places.ts";
import { watch } from "../../../testing/watching.ts";
import type { TestCluster } from "./cluster.testing.ts";
import { createKubernetesSubject, eventually, type KubernetesSubject, seenAs } from "./subject.testing.ts";

const kubernetes = engine("kubernetes");

describe("kubernetes, parts of which die", {
  skip: "reason" in kubernetes ? kubernetes.reason : false,
}, async () => {
  if ("reason" in kubernetes) return;
  const subject = await createKubernetesSubject(kubernetes.settings);
  const { cluster, provider } = subject;
  const watching = watch(provider);
  after(async () => {
    await watching.end();
    await subject.close();
  });

  test(`R22 parts of a cluster are killed ${cuts} times while sessions start, run and stop: the truth is told, none is lost, doubled or left`, (t) =>
    survivesCuts(t, mortal(subject)));

  test("R22 a node whose kubelet is dead is out of contact: its sessions run on, are reached, and are not declared gone", async () => {
    const spec = await subject.spec();
    const { handle } = await provider.launch(spec, never);
    const target = { sessionId: spec.sessionId, handle };
    await seenAs(provider, handle, "running");
    await cluster.script("kill", "kubelet");
    try {
      await nodeIs(cluster, "Ready=Unknown");
      assert.equal(watching.states.get(spec.sessionId), "running");
      assert.notEqual(await subject.greet(await provider.dial(target, "jupyter", never)), "");
    } finally {
      await cluster.script("revive");
    }
    await nodeIs(cluster, "Ready");
    assert.equal(watching.states.get(spec.sessionId), "running");
    await provider.terminate(target, never);
    await seenAs(provider, handle, "gone");
  });

  test("R22 an API server that is there and says nothing cannot be asked: nobody waits for it for ever", async () => {
    const spec = await napping(subject);
    const { handle } = await provider.launch(spec, never);
    await seenAs(provider, handle, "running");
    const silence = watching.untilFailed();
    const pid = Number(
      readFileSync(join(dirname(cluster.settings.kubeconfig), "pid/kube-apiserver"), "utf8"),
    );
    process.kill(pid, "SIGSTOP");
    try {
      await assert.rejects(provider.launch(await napping(subject), never), Unavailable);
      assert.ok((await silence) instanceof Unavailable);
      assert.equal(watching.states.get(spec.sessionId), "running");
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await insist(() => provider.terminate({ sessionId: spec.sessionId, handle }, never));
    await seenAs(provider, handle, "gone");
  });

  test("nothing is left that belongs to nobody", async () => {
    await eventually("no Secret without its pod", async () => {
      const objects = async (kind: string) =>
        JSON.parse(await cluster.kubectl(["get", kind, "-l", "endstation.org/session", "-o", "json"]))
          .items as Made[];
      const pods = new Set((await objects("pods")).map((pod) => pod.metadata.uid));
      const secrets = await objects("secrets");
      return secrets.every(({ metadata }) => pods.has(metadata.ownerReferences?.[0]?.uid ?? "")) || null;
    });
  });
});

interface Made {
  readonly metadata: { readonly uid: string; readonly ownerReferences?: readonly { readonly uid: string }[] };
}

function mortal(subject: KubernetesSubject): MortalEngine {
  const { cluster, provider } = subject;
  return {
    name: "kubernetes",
    provider,
    parts: ["kube-apiserver", "kubelet", "kube-controller-manager"],
    window: 3_000,
    specs: () => Promise.all(Array.from({ length: 3 }, () => napping(subject))),
    remembers: async () => {},
    kill: (part) => cluster.script("kill", part),
    revive: () => cluster.script("revive"),
    truthOf: async ({ sessionId }) => {
      const alive = (await alivePods(cluster)).filter((pod) => pod.session === sessionId);
      const state = alive.length === 0 ? "over" : alive[0]?.phase === "Running" ? "running" : "waiting";
      return { state, alive: alive.length, places: placesOf(sessionId), lost: false };
    },
    alive: async () => (await alivePods(cluster)).map(({ session }) => session),
  };
}

/** As the cluster itself has them. */
async function alivePods({ kubectl }: TestCluster) {
  const columns =
    'jsonpath={range .items[*]}{.metadata.labels.endstation\\.org/session} {.status.phase}{"\\n"}{end}';
  const text = await kubectl(["get", "pods", "-l", "endstation.org/session", "-o", columns]);
  const pods = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "));
  return pods
    .map(([session = "", phase = ""]) => ({ session, phase }))
    .filter(({ phase }) => phase !== "Succeeded" && phase !== "Failed");
}

async function nodeIs({ kubectl, settings }: TestCluster, condition: string): Promise<void> {
  await kubectl(["wait", `--for=condition=${condition}`, `node/${settings.nodeName}`, "--timeout=180s"]);
}

/** A job that does nothing for as long as a test may last. */
function napping(subject: KubernetesSubject): Promise<LaunchSpec> {
  const job = { script: "import time\ntime.sleep(3600)\n", arguments: [] };
  return subject.spec({ job, flavour: { cpus: 0.2, memoryMiB: 256 } });
}

async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      assert.ok(error instanceof Unavailable, `an outage was answered ${error}`);
      await sleep(200);
    }
  }
}
