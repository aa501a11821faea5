import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Flavour } from "@endstation/core";
import type { EngineSettings } from "../../../testing/engines.ts";
import { Cluster } from "./client.ts";
import { accessBy } from "./kubeconfig.ts";
import { lockCluster } from "./lock.testing.ts";
import { quantity } from "./quantity.ts";
import { podList } from "./schema.ts";

export type KubernetesSettings = EngineSettings<"kubernetes">;

/** The cluster as its administrator has it in hand, with a namespace for one test file. */
export interface TestCluster {
  readonly settings: KubernetesSettings;
  readonly namespace: string;
  /** Of the ServiceAccount that the chart makes, with exactly the rights that it gives. */
  readonly kubeconfig: string;
  /** In the namespace, with all rights. */
  kubectl(words: readonly string[], input?: string | object): Promise<string>;
  /** `kill kube-apiserver`, `revive`, … */
  script(...words: string[]): Promise<void>;
  /** A kubeconfig for that ServiceAccount of the namespace. */
  kubeconfigOf(account: string): Promise<string>;
  close(): Promise<void>;
}

export const chart: string = join(import.meta.dirname, "../../../../../../deploy/helm/endstation");
export const claim = "world";
const atOnce = 25;

/** What the chart makes for the sessions of a portal outside the cluster, and `folder` of this machine as a claim. */
export async function createTestCluster(settings: KubernetesSettings, folder: string): Promise<TestCluster> {
  const giveBack = await lockCluster();
  const namespace = `est-${randomBytes(4).toString("hex")}`;
  const kubectl: TestCluster["kubectl"] = (words, input) =>
    piped(settings.kubectl, ["--kubeconfig", settings.kubeconfig, "-n", namespace, ...words], input);
  const kubeconfigOf = async (account: string) => {
    const token = (await kubectl(["create", "token", account, "--duration", "12h"])).trim();
    const file = join(folder, `${account}.kubeconfig`);
    writeFileSync(file, kubeconfigWith(await kubectl(["config", "view", "--raw", "-o", "json"]), token), {
      mode: 0o600,
    });
    return file;
  };
  await kubectl(["apply", "-f", "-"], await rendered(settings, namespace));
  await kubectl(["apply", "-f", "-"], volumeOf(namespace, folder));
  await kubectl(["wait", "--for=jsonpath={.status.phase}=Bound", `pvc/${claim}`, "--timeout=60s"]);
  return {
    settings,
    namespace,
    kubectl,
    kubeconfig: await kubeconfigOf("es"),
    kubeconfigOf,
    script: async (...words) => void (await promisify(execFile)(settings.script, words)),
    close: async () => {
      const mine = [`clusterrole/es-${namespace}`, `clusterrolebinding/es-${namespace}`];
      await kubectl(["delete", "--ignore-not-found", ...mine]);
      await kubectl(["delete", "pods", "--all", "--grace-period=1"]);
      await kubectl(["delete", "--ignore-not-found", `namespace/${namespace}`, `pv/${namespace}`]);
      giveBack();
    },
  };
}

/** The chart's manifests; helm itself has no idea which Kubernetes it is for. */
export function rendered(
  settings: KubernetesSettings,
  namespace: string,
  ...words: string[]
): Promise<string> {
  const values = [
    "portal.enabled=false",
    `tunnel.cidr=${settings.hostAddress}/32`,
    `sessions.namespace=${namespace}`,
  ];
  const given = words.length > 0 ? words : values.flatMap((value) => ["--set", value]);
  return helm(settings, ["template", "es", chart, "-n", namespace, ...given]);
}

export function helm(settings: KubernetesSettings, words: readonly string[]): Promise<string> {
  return piped(settings.helm, [...words, ...(words[0] === "template" ? ["--kube-version", "1.34.0"] : [])]);
}

/** Pods that nobody schedules and that have another owner. */
export async function crowd(cluster: TestCluster, count: number): Promise<() => Promise<void>> {
  const { settings, namespace } = cluster;
  const administrator = new Cluster(accessBy(settings.kubeconfig), namespace);
  const spec = { schedulingGates: [{ name: "example.org/never" }], containers: containersOf(cluster, {}) };
  for (let made = 0; made < count; made += atOnce) {
    const some = Array.from(
      { length: Math.min(atOnce, count - made) },
      (_, index) => `crowd-${made + index}`,
    );
    await Promise.all(some.map((name) => administrator.createPod({ ...podOf(cluster, name, {}), spec })));
  }
  await administrator.close();
  const all = `/api/v1/namespaces/${namespace}/pods?labelSelector=crowd%3Dyes`;
  return async () => void (await cluster.kubectl(["delete", "--raw", all]));
}

/** One pod that takes what the node has left, so that no session of that flavour fits. */
export async function fill(cluster: TestCluster, { cpus }: Flavour): Promise<() => Promise<void>> {
  const node = JSON.parse(await cluster.kubectl(["get", "node", cluster.settings.nodeName, "-o", "json"]));
  const all = podList.parse(JSON.parse(await cluster.kubectl(["get", "pods", "-A", "-o", "json"])));
  const live = all.items.filter((pod) => !["Succeeded", "Failed"].includes(pod.status.phase));
  const requests = live.flatMap((pod) => pod.spec.containers.map((one) => one.resources.requests["cpu"]));
  const used = requests.reduce((sum, request) => sum + quantity(request), 0);
  const left = quantity(node.status.allocatable.cpu) - used - cpus / 2;
  const filler = podOf(cluster, "filler", { cpu: `${Math.floor(left * 1000)}m`, memory: "16Mi" });
  await cluster.kubectl(["create", "-f", "-"], filler);
  return async () => void (await cluster.kubectl(["delete", "pod", "filler", "--grace-period=1"]));
}

function podOf(cluster: TestCluster, name: string, limits: object) {
  const labels = {
    crowd: "yes",
    "app.kubernetes.io/managed-by": "endstation",
    "endstation.org/owner": "somebody",
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels },
    spec: { containers: containersOf(cluster, limits) },
  };
}

function containersOf({ settings }: TestCluster, limits: object) {
  const securityContext = {
    runAsNonRoot: true,
    runAsUser: 1000,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  const command = ["/bin/sleep", "1000"];
  return [{ name: "one", image: settings.tiny, command, resources: { limits }, securityContext }];
}

function volumeOf(namespace: string, path: string): object {
  const accessModes = ["ReadWriteMany"];
  const storage = { storage: "1Gi" };
  const volume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: namespace },
    spec: {
      capacity: storage,
      accessModes,
      hostPath: { path, type: "Directory" },
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "",
      claimRef: { namespace, name: claim },
    },
  };
  const claimed = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: claim },
    spec: { accessModes, resources: { requests: storage }, storageClassName: "", volumeName: namespace },
  };
  return { apiVersion: "v1", kind: "List", items: [volume, claimed] };
}

function kubeconfigWith(admins: string, token: string): string {
  const known = JSON.parse(admins);
  return JSON.stringify({ ...known, users: [{ name: known.users[0].name, user: { token } }] });
}

function piped(program: string, words: readonly string[], input?: string | object): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(program, words, { maxBuffer: 1e8 }, (error, stdout) =>
    error === null ? resolve(stdout) : reject(error),
  );
  child.stdin?.on("error", () => {});
  child.stdin?.end(typeof input === "object" ? JSON.stringify(input) : input);
  return promise;
}
