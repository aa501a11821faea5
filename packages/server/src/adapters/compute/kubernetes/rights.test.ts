import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Flavour, Offer } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { parseAllDocuments } from "yaml";
import { engine } from "../../../testing/engines.ts";
import type { Provider } from "../../../transports/provider.ts";
import { Cluster } from "./client.ts";
import { rendered, type TestCluster } from "./cluster.testing.ts";
import { accessBy } from "./kubeconfig.ts";
import { podName } from "./names.ts";
import { createKubernetesSubject, eventually, type KubernetesSubject, seenAs } from "./subject.testing.ts";

/** R43 The chart's ServiceAccount has no right that is not needed: without any one of them something no longer works. */
const kubernetes = engine("kubernetes");

interface Right {
  readonly scope: "Role" | "ClusterRole";
  readonly resource: string;
  readonly verb: string;
}

interface Account {
  readonly provider: Provider;
  readonly kubeconfig: string;
}

/** By right, something that works with it: answers whether it did, or throws. */
type Probe = (subject: KubernetesSubject, account: Account) => Promise<boolean>;

const probes: Readonly<Record<string, Probe>> = {
  "Role pods create": launches,
  "Role pods list": async (_, { provider }) => {
    for await (const first of provider.observe(never)) return first.type === "all";
    return false;
  },
  "Role pods watch": async (_, { provider }) => {
    const stop = new AbortController();
    void sleep(1_500).then(() => stop.abort());
    for await (const _ of provider.observe(stop.signal));
    return true;
  },
  "Role pods patch": ends,
  "Role pods delete": ends,
  "Role pods/log get": async ({ owner }, { provider }) => {
    const sessionId = "s-00000000000000000000";
    const handle = podName({ sessionId, attempt: 1 }, owner);
    return (await provider.logs?.({ sessionId, handle }, 100, never)) === "";
  },
  "Role secrets create": launches,
  "Role events list": async ({ cluster }, { kubeconfig }) => {
    const client = new Cluster(accessBy(kubeconfig), cluster.namespace);
    const words = await client.lastWarning("nobody").finally(() => client.close());
    return words === null;
  },
  "Role persistentvolumeclaims list": async ({ open, world }, { kubeconfig }) => {
    const claims = [{ here: world.folder, claim: "nobody-made-it", subPath: "" }];
    const provider = await open({ kubeconfig, claims });
    return codeOf(await offer(provider, {}, [world.data])) === "data-unreachable";
  },
  "Role resourcequotas list": async (_, { provider }) =>
    codeOf(await offer(provider, { memoryMiB: 6 * 1024 })) === "too-large",
  "ClusterRole nodes list": async (_, { provider }) =>
    codeOf(await offer(provider, { cpus: 4096 })) === "too-large",
  "ClusterRole pods list": async (_, { provider }) => {
    const answer = await offer(provider, {});
    return answer.fits && answer.free !== null;
  },
};

describe("the chart's rights", { skip: "reason" in kubernetes ? kubernetes.reason : false }, async () => {
  if ("reason" in kubernetes) return;
  const subject = await createKubernetesSubject(kubernetes.settings);
  const { cluster } = subject;
  after(async () => {
    for (const name of ["with-all", "with-role"])
      await cluster.kubectl(["delete", "--ignore-not-found", ...clusterWideOf(cluster, name)]);
    await subject.close();
  });
  const all = rightsIn(await rendered(kubernetes.settings, cluster.namespace));
  await cluster.kubectl(["apply", "-f", "-"], quotaOf("4Gi"));
  const accountWith = async (name: string, rights: readonly Right[]): Promise<Account> => {
    await cluster.kubectl(["apply", "-f", "-"], accountOf(cluster, name, rights));
    for (const scope of new Set(rights.map((right) => right.scope)))
      await known(cluster, name, rights.find((right) => right.scope === scope) as Right);
    const kubeconfig = await cluster.kubeconfigOf(name);
    return { kubeconfig, provider: await subject.open({ kubeconfig }) };
  };
  // A right in the whole cluster is one in the namespace, too: those of the Role are looked at without it.
  const beside = { ClusterRole: all, Role: all.filter(({ scope }) => scope === "Role") };
  const complete = {
    ClusterRole: await accountWith("with-all", beside.ClusterRole),
    Role: await accountWith("with-role", beside.Role),
  };

  test("there is something that needs each of them", () => {
    assert.deepEqual(all.map(nameOf).sort(), Object.keys(probes).sort());
  });

  for (const [index, right] of all.entries())
    test(`without ${nameOf(right)} something fails`, async (t) => {
      const probe = probes[nameOf(right)] as Probe;
      const name = `without-${index}`;
      t.after(() => cluster.kubectl(["delete", ...clusterWideOf(cluster, name)]));
      assert.equal(await probe(subject, complete[right.scope]), true);
      const lacking = beside[right.scope].filter((one) => one !== right);
      const account = await accountWith(name, lacking);
      assert.equal(await probe(subject, account).catch(() => false), false);
    });
});

const nowhere = { "example.org/nowhere": "yes" };

async function launches({ open, spec }: KubernetesSubject, { kubeconfig }: Account): Promise<boolean> {
  const provider = await open({ kubeconfig, nodeSelector: nowhere });
  const wanted = await spec();
  try {
    return (await provider.launch(wanted, never)).handle !== "";
  } finally {
    await (await open()).terminate({ sessionId: wanted.sessionId, handle: null }, never);
  }
}

async function ends({ open, spec }: KubernetesSubject, { provider }: Account): Promise<boolean> {
  const { sessionId } = await spec();
  const starting = await open({ nodeSelector: nowhere });
  const { handle } = await starting.launch(await spec({ sessionId }), never);
  try {
    await provider.terminate({ sessionId, handle }, never);
    return (await seenAs(starting, handle, "gone")) === undefined;
  } finally {
    await starting.terminate({ sessionId, handle }, never);
  }
}

async function offer(
  provider: Provider,
  size: Partial<Flavour>,
  folders: readonly string[] = [],
): Promise<Offer> {
  const flavour = { name: "s", title: "S", cpus: 0.5, memoryMiB: 512, processes: 100, gpus: 0, ...size };
  return provider.offers({ kind: "jupyter", flavour, source: { image: "x" }, folders }, never);
}

function codeOf(answer: Offer): string {
  return answer.fits ? "fits" : answer.code;
}

function nameOf({ scope, resource, verb }: Right): string {
  return `${scope} ${resource} ${verb}`;
}

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

function rightsIn(manifests: string): Right[] {
  const parts = parseAllDocuments(manifests).map(
    (one) => one.toJS() as { kind: Right["scope"]; rules: Rule[] },
  );
  return parts
    .filter((part) => part?.kind === "Role" || part?.kind === "ClusterRole")
    .flatMap(({ kind: scope, rules }) =>
      rules.flatMap(({ resources, verbs }) =>
        resources.flatMap((resource) => verbs.map((verb) => ({ scope, resource, verb }))),
      ),
    );
}

function clusterWideOf({ namespace }: TestCluster, name: string): string[] {
  return [`clusterrole/${namespace}-${name}`, `clusterrolebinding/${namespace}-${name}`];
}

/** A ServiceAccount with these rights alone. */
function accountOf({ namespace }: TestCluster, name: string, rights: readonly Right[]): object {
  const rules = (scope: Right["scope"]) =>
    rights
      .filter((right) => right.scope === scope)
      .map(({ resource, verb }) => ({ apiGroups: [""], resources: [resource], verbs: [verb] }));
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const scoped = (scope: Right["scope"], name: string) => [
    { apiVersion, kind: scope, metadata: { name }, rules: rules(scope) },
    {
      apiVersion,
      kind: `${scope}Binding`,
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: scope, name },
      subjects,
    },
  ];
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } };
  const items = [account, ...scoped("Role", name), ...scoped("ClusterRole", `${namespace}-${name}`)];
  return { apiVersion: "v1", kind: "List", items };
}

/** Waits until the API server has heard of it. */
async function known(
  { kubectl, namespace }: TestCluster,
  name: string,
  { scope, resource, verb }: Right,
): Promise<void> {
  const [what, sub] = resource.split("/");
  const words = [verb, what ?? "", ...(sub === undefined ? [] : [`--subresource=${sub}`])];
  const as = [`--as=system:serviceaccount:${namespace}:${name}`, ...(scope === "ClusterRole" ? ["-A"] : [])];
  await eventually(`the right ${verb} ${resource}`, async () => {
    const answer = await kubectl(["auth", "can-i", ...words, ...as]).catch(() => "no");
    return answer.trim() === "yes" ? true : null;
  });
}

function quotaOf(memory: string): object {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "tight" }, spec: { hard: { memory } } };
}
