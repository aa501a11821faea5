import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type LaunchSpec, type Observation, type Offer, Rejected } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { engine } from "../../../testing/engines.ts";
import type { Provider } from "../../../transports/provider.ts";
import type { TestCluster } from "./cluster.testing.ts";
import { kubernetesConfig } from "./index.ts";
import { podOf } from "./manifest.ts";
import {
  createKubernetesSubject,
  eventually,
  type KubernetesSubject,
  listOf,
  seenAs,
} from "./subject.testing.ts";

/** What the contract does not say, on a real cluster with the chart's rights. */
const kubernetes = engine("kubernetes");

describe("kubernetes, beyond the contract", {
  skip: "reason" in kubernetes ? kubernetes.reason : false,
}, async () => {
  if ("reason" in kubernetes) return;
  const subject = await createKubernetesSubject(kubernetes.settings);
  const { cluster, provider } = subject;
  after(() => subject.close());

  test("R43 a pod of ours is admitted at the level restricted, and would not be with any one right more", async () => {
    const namespace = JSON.parse(
      await cluster.kubectl(["get", "namespace", cluster.namespace, "-o", "json"]),
    );
    assert.equal(namespace.metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
    const dryRun = (body: object) => cluster.kubectl(["create", "--dry-run=server", "-f", "-"], body);
    const pod = manifestOf(subject, await subject.spec());
    await dryRun(pod);
    for (const more of loosened(pod))
      await assert.rejects(dryRun(more), /violates PodSecurity "restricted:latest"/);
  });

  test("a session whose launch was cut off before its files were there says what it lacks; asked again it begins", async () => {
    const spec = await subject.spec();
    await cluster.kubectl(["create", "-f", "-"], manifestOf(subject, spec));
    const stop = new AbortController();
    const observing = waitFor(provider, spec, /FailedMount.*secret .* not found/, stop.signal);
    await observing;
    stop.abort();
    const { handle } = await provider.launch(spec, never);
    await seenAs(provider, handle, "running");
    await provider.terminate({ sessionId: spec.sessionId, handle }, never);
    await seenAs(provider, handle, "gone");
  });

  test("an ended pod is deleted after a while, and its Secret goes with it", async () => {
    const spec = await subject.spec();
    const { handle } = await provider.launch(spec, never);
    await seenAs(provider, handle, "running");
    await provider.terminate({ sessionId: spec.sessionId, handle }, never);
    await seenAs(provider, handle, "gone");
    assert.deepEqual(await leftOf(cluster, spec), ["pod", "secret"]);
    const forgetful = await subject.open({ keepEndedHours: 1e-6 });
    const stop = new AbortController();
    const observing = (async () => {
      for await (const _ of forgetful.observe(stop.signal));
    })();
    await eventually("nothing left", async () => ((await leftOf(cluster, spec)).length === 0 ? true : null));
    stop.abort();
    await observing;
  });

  test("two portals in one namespace do not see, nor end, each other's sessions", async () => {
    const other = await subject.open({ owner: "another-portal" });
    const spec = await subject.spec();
    const { handle } = await provider.launch(spec, never);
    await seenAs(provider, handle, "running");
    assert.deepEqual(
      (await listOf(other)).filter((seen) => seen.sessionId === spec.sessionId),
      [],
    );
    await other.terminate({ sessionId: spec.sessionId, handle: null }, never);
    await other.terminate({ sessionId: spec.sessionId, handle }, never);
    const seen = (await listOf(provider)).find((one) => one.handle === handle);
    assert.equal(seen?.observation.state, "running");
    await provider.terminate({ sessionId: spec.sessionId, handle }, never);
  });

  test("a claim that is not there: neither offered nor begun", async () => {
    const claims = [{ here: subject.world.folder, claim: "nobody-made-it", subPath: "" }];
    const without = await subject.open({ claims });
    const spec = await subject.spec();
    const { kind, flavour, source } = spec;
    const offer = await without.offers({ kind, flavour, source, folders: [subject.world.data] }, never);
    assert.equal(codeOf(offer), "data-unreachable");
    await assert.rejects(without.launch(spec, never), rejectedWith("data-unreachable", /nobody-made-it/));
  });

  test("R24 a quota that is used up: no-capacity, in the cluster's words, and no pod or Secret stays", async (t) => {
    const removeQuota = () => cluster.kubectl(["delete", "--ignore-not-found", "resourcequota", "tight"]);
    t.after(removeQuota);
    const spec = await subject.spec();
    // It has listed what there is before, as a portal does that has run for some seconds.
    for (const hard of [{ pods: "0" }, { "count/secrets": "0" }]) {
      await makeQuota(cluster, hard);
      await assert.rejects(
        provider.launch(spec, never),
        rejectedWith("no-capacity", /exceeded quota: tight/),
      );
      await eventually("nothing left", async () =>
        (await leftOf(cluster, spec)).length === 0 ? true : null,
      );
      await removeQuota();
    }
    await makeQuota(cluster, { "requests.cpu": "200m" });
    const { kind, flavour, source } = spec;
    const offer = await (await subject.open()).offers({ kind, flavour, source, folders: [] }, never);
    assert.equal(codeOf(offer), "too-large");
  });

  test("R24 free places go down with what others take", async () => {
    const { kind, flavour, source } = await subject.spec();
    const offer = async () => (await subject.open()).offers({ kind, flavour, source, folders: [] }, never);
    const before = await offer();
    assert.ok(before.fits && (before.free ?? 0) > 0, JSON.stringify(before));
    const giveBack = await subject.engine.fill?.(flavour);
    assert.deepEqual(await offer(), { fits: true, waitSeconds: 600, free: 0 });
    await giveBack?.();
  });
});

function manifestOf({ cluster, world, owner }: KubernetesSubject, spec: LaunchSpec) {
  const claims = [{ here: world.folder, claim: "world" }];
  const config = kubernetesConfig.parse({ namespace: cluster.namespace, claims });
  return podOf(spec, { config, owner, provider: "kubernetes", secretName: `${spec.sessionId}-files` });
}

/** Each with one thing that a restricted pod may not have. */
function loosened(pod: ReturnType<typeof podOf>): object[] {
  const spec = (changes: object) => ({ ...pod, spec: { ...pod.spec, ...changes } });
  const container = (changes: object) =>
    spec({ containers: pod.spec.containers.map((one) => ({ ...one, ...changes })) });
  const [{ securityContext }] = pod.spec.containers as [(typeof pod.spec.containers)[number]];
  return [
    spec({ hostNetwork: true }),
    spec({ hostPID: true }),
    spec({ volumes: [...pod.spec.volumes, { name: "host", hostPath: { path: "/etc" } }] }),
    spec({ volumes: [...pod.spec.volumes, { name: "nfs", nfs: { server: "192.0.2.1", path: "/" } }] }),
    spec({ securityContext: { ...pod.spec.securityContext, runAsNonRoot: false } }),
    spec({ securityContext: { ...pod.spec.securityContext, seccompProfile: { type: "Unconfined" } } }),
    container({ securityContext: { ...securityContext, allowPrivilegeEscalation: true } }),
    container({ securityContext: { ...securityContext, capabilities: { drop: [] } } }),
    container({
      securityContext: { ...securityContext, capabilities: { drop: ["ALL"], add: ["SYS_PTRACE"] } },
    }),
  ];
}

async function waitFor(
  provider: Provider,
  { sessionId }: LaunchSpec,
  reason: RegExp,
  signal: AbortSignal,
): Promise<void> {
  for await (const sighting of provider.observe(signal))
    for (const seen of sighting.type === "all" ? sighting.seen : [sighting.seen])
      if (seen.sessionId === sessionId && reason.test(reasonOf(seen.observation))) return;
}

function reasonOf(observation: Observation): string {
  return observation.state === "queued" ? observation.waiting.reason : "";
}

function codeOf(offer: Offer): string {
  return offer.fits ? "fits" : offer.code;
}

function rejectedWith(code: string, words: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof Rejected, String(error));
    assert.equal(error.refusal.code, code);
    assert.match(error.refusal.detail, words);
    return true;
  };
}

/** Made, and counted: before that it is not held to. */
async function makeQuota({ kubectl }: TestCluster, hard: object): Promise<void> {
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "tight" }, spec: { hard } };
  await kubectl(["apply", "-f", "-"], quota);
  await eventually("a counted quota", async () => {
    const used = await kubectl(["get", "resourcequota", "tight", "-o", "jsonpath={.status.used}"]);
    return used === "" ? null : true;
  });
}

/** Kinds of what there is of a session. */
async function leftOf({ kubectl }: TestCluster, { sessionId }: LaunchSpec): Promise<string[]> {
  const label = `endstation.org/session=${sessionId}`;
  const names = await kubectl(["get", "pods,secrets", "-l", label, "-o", "name"]);
  return names
    .split("\n")
    .filter((name) => name !== "")
    .map((name) => name.split("/")[0] ?? "");
}
