import { setTimeout as sleep } from "node:timers/promises";
import { Cluster } from "../../packages/server/src/adapters/compute/kubernetes/client.ts";
import { accessBy } from "../../packages/server/src/adapters/compute/kubernetes/kubeconfig.ts";
import {
  createKubernetesSubject,
  type KubernetesSubject,
} from "../../packages/server/src/adapters/compute/kubernetes/subject.testing.ts";
import { engine } from "../../packages/server/src/testing/engines.ts";
import { ask } from "../../packages/server/src/testing/jupyter.ts";
import { type Crowd, launchMany, napping } from "./crowd.ts";

const never = new AbortController().signal;
const patience = 60_000;

/**
 * Milliseconds from the order to JupyterLab's answer at `/api/status`, on the private one-node cluster with the image
 * there. `bare` is a pod of the same image with a plain `jupyter-lab` and nothing of ours: no limit, as the image's own
 * user, reached at the pod's address. `ours` is `launch` until the same answer comes through `dial`: the pod with its
 * Secret and claims, confined to the whole node, and the tunnel; the portal above (its database, its gateway) is not.
 * `crowd` has pods of ours that sleep; a few run, the others wait for a place.
 */
export const kubernetesEngine = {
  bare: (): Promise<number> =>
    withSubject(async ({ cluster }) => {
      const { kubectl, settings } = cluster;
      const administrator = new Cluster(accessBy(settings.kubeconfig), cluster.namespace);
      const bin = "/opt/endstation/environment/bin";
      const options = ["--no-browser", "--allow-root", "--ip=0.0.0.0", "--IdentityProvider.token=bench"];
      const container = {
        name: "lab",
        image: settings.images["nexus"],
        command: [`${bin}/jupyter-lab`, ...options],
      };
      const pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "bare" },
        spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, containers: [container] },
      };
      const open = ["label", "--overwrite", "namespace", cluster.namespace];
      await kubectl([...open, "pod-security.kubernetes.io/enforce=privileged"]);
      const since = performance.now();
      await administrator.createPod(pod);
      await answered(async () => {
        const address = await kubectl(["get", "pod", "bare", "-o", "jsonpath={.status.podIP}"]);
        return (await fetch(`http://${address}:8888/api/status?token=bench`)).status;
      });
      const milliseconds = performance.now() - since;
      await administrator.close();
      return milliseconds;
    }),
  ours: (): Promise<number> =>
    withSubject(async ({ provider, spec: specOf }) => {
      const spec = await specOf({ flavour: { cpus: 2, memoryMiB: 4096 } });
      const since = performance.now();
      const { handle } = await provider.launch(spec, never);
      const target = { sessionId: spec.sessionId, handle };
      await answered(
        async () => (await ask(await provider.dial(target, "jupyter", never), "/api/status")).status,
      );
      return performance.now() - since;
    }),
  crowd: async (): Promise<Crowd> => {
    const subject = await createKubernetesSubject(settingsOf());
    const { provider, cluster } = subject;
    const spec = () => subject.spec({ job: napping, flavour: { cpus: 0.5, memoryMiB: 128 } });
    const pods = `/api/v1/namespaces/${cluster.namespace}/pods?labelSelector=endstation.org%2Fsession&gracePeriodSeconds=1`;
    return {
      provider,
      spec,
      add: (count) => launchMany({ provider, spec }, count),
      engine: subject.engine,
      close: async () => {
        await cluster.kubectl(["delete", "--raw", pods]);
        await subject.close();
      },
    };
  },
};

function settingsOf() {
  const found = engine("kubernetes");
  if ("reason" in found) throw new Error(found.reason);
  return found.settings;
}

async function withSubject(measure: (subject: KubernetesSubject) => Promise<number>): Promise<number> {
  const subject = await createKubernetesSubject(settingsOf());
  try {
    return await measure(subject);
  } finally {
    await subject.close();
  }
}

async function answered(status: () => Promise<number>): Promise<void> {
  for (const until = performance.now() + patience; performance.now() < until; await sleep(10))
    if ((await status().catch(() => 0)) === 200) return;
  throw new Error(`no answer within ${patience / 1000} s`);
}
