import { type Pod, pod } from "./schema.ts";

export const created = "2026-01-01T10:00:00Z";

/** A pod as the cluster tells of it, with what matters to a test. */
export function seen(status: object, metadata: object = {}, spec: object = { nodeName: "n1" }): Pod {
  return pod.parse({
    metadata: { name: "p", uid: "u", resourceVersion: "1", creationTimestamp: created, ...metadata },
    spec: { containers: [], ...spec },
    status,
  });
}
