import { join } from "node:path";

/** What a facility makes before it installs the chart: volumes with their claims, and Secrets. */
export interface ChartManifests {
  /** Before the chart. */
  readonly first: string;
  /** In the namespace that the chart makes. */
  readonly claims: string;
}

/** Everything lies in one folder of this machine. */
export function manifestsFor(given: { namespace: string; sessions: string; folder: string }): ChartManifests {
  const { namespace, sessions, folder } = given;
  const password = "chart-password";
  const url = `postgres://endstation:${password}@es-postgresql/endstation`;
  return {
    first: textOf([
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
      secret(namespace, "endstation-database", { password, url }),
      secret(namespace, "endstation-oidc", { "client-secret": "chart-secret" }),
      secret(namespace, "endstation-tls", {}),
      volume(`${namespace}-state`, join(folder, "state"), { namespace, name: "es-state" }),
      volume(`${namespace}-data`, join(folder, "postgresql"), { namespace, name: "data-es-postgresql-0" }),
      ...claimed(namespace, namespace, folder),
    ]),
    claims: textOf(claimed(sessions, namespace, folder)),
  };

  function volume(name: string, path: string, claimRef: object): object {
    return {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name, labels: { chart: namespace } },
      spec: { ...size, capacity, hostPath: { path }, claimRef },
    };
  }

  function claimed(where: string, prefix: string, path: string): object[] {
    const name = `${prefix}-${where === prefix ? "portal" : "sessions"}`;
    return [
      volume(name, path, { namespace: where, name: "facility" }),
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { namespace: where, name: "facility" },
        spec: { ...size, volumeName: name, resources: { requests: capacity } },
      },
    ];
  }
}

const capacity = { storage: "1Gi" };
const size = { accessModes: ["ReadWriteMany", "ReadWriteOnce"], storageClassName: "" };

function secret(namespace: string, name: string, stringData: Readonly<Record<string, string>>): object {
  return { apiVersion: "v1", kind: "Secret", metadata: { namespace, name }, stringData };
}

function textOf(manifests: readonly object[]): string {
  return manifests.map((one) => JSON.stringify(one)).join("\n---\n");
}
