import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type LaunchSpec, Unavailable } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { engine } from "../../../testing/engines.ts";
import type { Provider } from "../../../transports/provider.ts";
import type { TestCluster } from "./cluster.testing.ts";
import { chance, createKubernetesSubject, type KubernetesSubject, seenAs } from "./subject.testing.ts";

/** Parts of a real cluster are killed while sessions start, run and are stopped: FAULTS_CUTS times, with FAULTS_SEED. */
const kubernetes = engine("kubernetes");
const cuts = Number(process.env["FAULTS_CUTS"] ?? 5);
const seed = Number(process.env["FAULTS_SEED"] ?? Date.now() % 1_000_000);
const victims = ["kube-apiserver", "kubelet", "kube-controller-manager"] as const;
const together = 3;
/** How long after the cluster's return everything may take to be as it should. */
const settlesWithin = 60_000;

describe(`kubernetes: ${cuts} cuts`, {
  skip: "reason" in kubernetes ? kubernetes.reason : false,
}, async () => {
  if ("reason" in kubernetes) return;
  const subject = await createKubernetesSubject(kubernetes.settings);
  const { cluster, provider } = subject;
  const random = chance(seed);
  const watched = new Watched(provider);
  after(async () => {
    await watched.stop();
    await subject.close();
  });

  for (let cut = 1; cut <= cuts; cut += 1) {
    const victim = victims[cut % victims.length] ?? "kubelet";
    test(`R22 cut ${cut} (seed ${seed}): ${victim}`, async () => {
      const specs = await Promise.all(Array.from({ length: together }, () => napping(subject)));
      const lives = specs.map((spec) =>
        live(provider, spec, { stopped: random() < 0.5, after: random() * 4_000 }),
      );
      await sleep(random() * 4_000);
      await cluster.script("kill", victim);
      await sleep(random() * 3_000);
      await cluster.script("revive");
      await Promise.all(lives);
      await settled(subject, watched, specs);
      for (const { sessionId } of specs)
        await insist(() => provider.terminate({ sessionId, handle: null }, never));
      await within("all have ended", async () => {
        const truth = await podsOf(subject);
        return specs.every(({ sessionId }) => truth.get(sessionId) !== "alive");
      });
      await settled(subject, watched, specs);
    });
  }

  test("R22 a node whose kubelet is dead is out of contact: its sessions run on, are reached, and are not declared gone", async () => {
    const spec = await subject.spec();
    const { handle } = await provider.launch(spec, never);
    const target = { sessionId: spec.sessionId, handle };
    await seenAs(provider, handle, "running");
    await cluster.script("kill", "kubelet");
    try {
      await nodeIs(cluster, "Ready=Unknown");
      assert.equal(watched.stateOf(spec.sessionId), "running");
      assert.notEqual(await subject.greet(await provider.dial(target, "jupyter", never)), "");
    } finally {
      await cluster.script("revive");
    }
    await nodeIs(cluster, "Ready");
    assert.equal(watched.stateOf(spec.sessionId), "running");
    await provider.terminate(target, never);
    await seenAs(provider, handle, "gone");
  });

  test("R22 an API server that is there and says nothing cannot be asked: nobody waits for it for ever", async () => {
    const spec = await napping(subject);
    const { handle } = await provider.launch(spec, never);
    await seenAs(provider, handle, "running");
    const silence = watched.untilFailed();
    const pid = Number(
      readFileSync(join(dirname(cluster.settings.kubeconfig), "pid/kube-apiserver"), "utf8"),
    );
    process.kill(pid, "SIGSTOP");
    try {
      await assert.rejects(provider.launch(await napping(subject), never), Unavailable);
      assert.ok((await silence) instanceof Unavailable);
      assert.equal(watched.stateOf(spec.sessionId), "running");
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await insist(() => provider.terminate({ sessionId: spec.sessionId, handle }, never));
    await within("seen ended", async () => watched.stateOf(spec.sessionId) === "gone");
  });

  test("nothing is left that belongs to nobody", async () => {
    await within("no Secret without its pod", async () => {
      const objects = async (kind: string) =>
        JSON.parse(await cluster.kubectl(["get", kind, "-l", "endstation.org/session", "-o", "json"]))
          .items as Made[];
      const pods = new Set((await objects("pods")).map((pod) => pod.metadata.uid));
      const secrets = await objects("secrets");
      return secrets.every(({ metadata }) => pods.has(metadata.ownerReferences?.[0]?.uid ?? ""));
    });
  });
});

interface Made {
  readonly metadata: { readonly uid: string; readonly ownerReferences?: readonly { readonly uid: string }[] };
}

async function nodeIs({ kubectl, settings }: TestCluster, condition: string): Promise<void> {
  await kubectl(["wait", `--for=condition=${condition}`, `node/${settings.nodeName}`, "--timeout=180s"]);
}

/** A job that does nothing for as long as a test may last. */
function napping(subject: KubernetesSubject): Promise<LaunchSpec> {
  const job = { script: "import time\ntime.sleep(3600)\n", arguments: [] };
  return subject.spec({ job, flavour: { cpus: 0.2, memoryMiB: 256 } });
}

/** What a runner does for a session: asks until it is answered. */
async function live(
  provider: Provider,
  spec: LaunchSpec,
  { stopped, after }: { readonly stopped: boolean; readonly after: number },
): Promise<void> {
  const { handle } = await insist(() => provider.launch(spec, never));
  await sleep(after);
  if (stopped) await insist(() => provider.terminate({ sessionId: spec.sessionId, handle }, never));
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

/** Sees as the portal's observer does. */
class Watched {
  readonly #provider: Provider;
  readonly #stop = new AbortController();
  readonly #states = new Map<string, string>();
  readonly #ended: Promise<void>;
  #failed = Promise.withResolvers<unknown>();

  constructor(provider: Provider) {
    this.#provider = provider;
    this.#ended = this.#observe();
  }

  /** What is not listed is gone. */
  stateOf(sessionId: string): string {
    return this.#states.get(sessionId) ?? "gone";
  }

  /** What the provider says when it next cannot be asked. */
  untilFailed(): Promise<unknown> {
    this.#failed = Promise.withResolvers<unknown>();
    return this.#failed.promise;
  }

  stop(): Promise<void> {
    this.#stop.abort();
    return this.#ended;
  }

  async #observe(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        for await (const sighting of this.#provider.observe(this.#stop.signal)) {
          if (sighting.type === "all") this.#states.clear();
          for (const seen of sighting.type === "all" ? sighting.seen : [sighting.seen])
            this.#states.set(seen.sessionId, seen.observation.state);
        }
      } catch (error) {
        assert.ok(error instanceof Unavailable, String(error));
        this.#failed.resolve(error);
        await sleep(200);
      }
    }
  }
}

/** Each is seen as it is, and there is one of it at most. */
async function settled(
  subject: KubernetesSubject,
  watched: Watched,
  specs: readonly LaunchSpec[],
): Promise<void> {
  await within("what is seen is what there is", async () => {
    const truth = await podsOf(subject);
    return specs.every(({ sessionId }) => {
      const isGone = watched.stateOf(sessionId) === "gone";
      return isGone === (truth.get(sessionId) !== "alive");
    });
  });
}

/** By session, as the cluster itself has it. @throws where a session has two. */
async function podsOf({ cluster }: KubernetesSubject): Promise<ReadonlyMap<string, "alive" | "over">> {
  const columns =
    'jsonpath={range .items[*]}{.metadata.labels.endstation\\.org/session} {.status.phase}{"\\n"}{end}';
  const text = await cluster.kubectl(["get", "pods", "-l", "endstation.org/session", "-o", columns]);
  const lines = text.split("\n").filter((line) => line !== "");
  const pods = lines.map((line) => line.split(" ") as [string, string]);
  assert.equal(new Set(pods.map(([sessionId]) => sessionId)).size, pods.length, "a session has two pods");
  return new Map(
    pods.map(([sessionId, phase]) => [sessionId, ["Succeeded", "Failed"].includes(phase) ? "over" : "alive"]),
  );
}

async function within(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const until = performance.now() + settlesWithin; ; await sleep(300)) {
    if (await holds()) return;
    assert.ok(performance.now() < until, `${what}: not within ${settlesWithin / 1000} s`);
  }
}
