import { type Cause, Unavailable } from "@endstation/core";
import type { Cluster } from "./client.ts";
import { endAsked } from "./names.ts";
import type { Pod } from "./schema.ts";
import { hasBegun, isOver } from "./status.ts";

const mostTries = 10;

/**
 * Has a session end. A pod that is deleted takes its log along: so it gets a deadline that has passed, by which the kubelet
 * ends it and keeps it, and a note that this was asked for. What has not begun has no log and is deleted at once.
 * `look` answers the pod as it is now, null when it is no more; `cause` is null where a person or the portal wanted it.
 */
export async function end(
  cluster: Cluster,
  look: () => Promise<Pod | null>,
  cause: Cause | null,
): Promise<void> {
  for (let tried = 0; tried < mostTries; tried += 1) {
    const pod = await look();
    if (pod === null || isOver(pod)) return;
    const noted = await cluster.patchPod(pod.metadata.name, pod.metadata.resourceVersion, {
      metadata: { annotations: { [endAsked]: JSON.stringify(cause) } },
      spec: { activeDeadlineSeconds: 1 },
    });
    if (noted === null) continue;
    const mustBeKept = hasBegun(noted) || (cause !== null && noted.spec.nodeName !== undefined);
    return mustBeKept ? undefined : cluster.deletePod(noted.metadata);
  }
  throw new Unavailable("its pod changes all the time");
}
