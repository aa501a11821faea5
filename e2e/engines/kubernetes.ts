import { spawnSync } from "node:child_process";
import type { EngineSettings } from "../../packages/server/src/testing/engines.ts";
import { freePort } from "../support/portal.ts";
import type { EnginePortal } from "./engine-portal.ts";

/** A namespace of its own, with one volume: the portal's state folder, as a facility's file server would be mounted. */
export function kubernetesPortal(settings: EngineSettings<"kubernetes">): EnginePortal {
  const namespace = `journey-${process.pid}`;
  const kubectl = (words: readonly string[], input = "") => {
    const { status, stderr } = spawnSync(settings.kubectl, ["--kubeconfig", settings.kubeconfig, ...words], {
      input,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`kubectl ${words.join(" ")}: ${stderr}`);
  };
  return {
    config: async (state) => {
      kubectl(["apply", "-f", "-"], manifests(namespace, state));
      return `environments: [nexus]
sources:
  nexus: { image: "${settings.images["nexus"]}" }
tunnel: { host: ${settings.hostAddress}, port: ${await freePort()}, address: ${settings.hostAddress} }
compute:
  - name: kubernetes
    type: kubernetes
    kubeconfig: ${settings.kubeconfig}
    namespace: ${namespace}
    claims: [{ here: ${state}, claim: facility }]
`;
    },
    undo: async () => {
      kubectl(["delete", "namespace", namespace, "--wait=true"]);
      kubectl(["delete", "persistentvolume", namespace]);
    },
  };
}

function manifests(namespace: string, folder: string): string {
  const capacity = { storage: "1Gi" };
  const size = { accessModes: ["ReadWriteMany"], storageClassName: "" };
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: namespace },
      spec: { ...size, capacity, hostPath: { path: folder }, claimRef: { namespace, name: "facility" } },
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { namespace, name: "facility" },
      spec: { ...size, volumeName: namespace, resources: { requests: capacity } },
    },
  ]
    .map((one) => JSON.stringify(one))
    .join("\n---\n");
}
