import type { Cause } from "@endstation/core";
import type { Pod } from "./schema.ts";
import { withWords } from "./words.ts";

/** What the scheduler says, and what that is for people. The first that fits counts. */
const schedulersWords: readonly (readonly [RegExp, string])[] = [
  [/persistentvolumeclaim|PersistentVolume/i, "its storage is not there yet"],
  [/Too many pods/, "the nodes have as many sessions as they can"],
  [/Insufficient \S*gpu/i, "no graphics processor is free at the moment"],
  [/Insufficient/, "the nodes have no room at the moment"],
  [/taint|node affinity|node selector|unschedulable/, "no node takes sessions like this one at the moment"],
];

const pulling = ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"];
const unpullable = ["ErrImageNeverPull", "InvalidImageName"];
const hopeless =
  /not found|NotFound|manifest unknown|name unknown|denied|unauthorized|forbidden|no match for platform|invalid reference/i;

/** Why a pod whose program has not begun does not run yet. */
export function waitingOf(pod: Pod, complaint: string | null): string {
  const words = ownWords(pod) ?? complaint;
  if (pod.spec.nodeName === undefined) {
    const found = schedulersWords.find(([pattern]) => pattern.test(words ?? ""));
    return withWords(found?.[1] ?? "it waits for a place", words);
  }
  if ([...pulling, ...unpullable].includes(containerWaits(pod).reason))
    return withWords("its software cannot be fetched at the moment", words);
  return withWords(
    isPlaceReady(pod) ? "its software is being fetched" : "its place is being made ready",
    words,
  );
}

/** Why it will never begin, however long it waits. Null: it may. */
export function neverBegins(pod: Pod): Cause | null {
  const { reason, message } = containerWaits(pod);
  const never = unpullable.includes(reason) || (pulling.includes(reason) && hopeless.test(message));
  return never
    ? { code: "environment-unavailable", detail: withWords("its image cannot be had", reason, message) }
    : null;
}

/** What a pod is ended for that the cluster has complained of for too long. */
export function givenUp(complaint: string): Cause {
  return /mount|attach|volume|subPath/i.test(complaint)
    ? { code: "data-unreachable", detail: withWords("its folders could not be mounted", complaint) }
    : { code: "launch-rejected", detail: withWords("it could not be started", complaint) };
}

/** What hinders a pod on its node that may pass by itself, or not; null: nothing, or that its image is slow to come. */
export function troubleOf(pod: Pod, complaint: string | null): string | null {
  return pulling.includes(containerWaits(pod).reason) ? null : (ownWords(pod) ?? complaint);
}

/** Whether its volumes and its network are there: from then on it waits for its image alone. */
export function isPlaceReady({ status }: Pod): boolean {
  return status.conditions.some((one) => one.type === "PodReadyToStartContainers" && one.status === "True");
}

/** What the pod itself says of why it does not run; null: nothing, while it is being made ready. */
function ownWords(pod: Pod): string | null {
  if (pod.spec.nodeName === undefined) {
    const scheduled = pod.status.conditions.find((one) => one.type === "PodScheduled");
    // What the scheduler would have to throw out for it is of no use to anybody.
    return scheduled?.message.split(" preemption: ")[0] || scheduled?.reason || null;
  }
  const { reason, message } = containerWaits(pod);
  if (["", "ContainerCreating", "PodInitializing"].includes(reason)) return null;
  return message === "" ? reason : `${reason}: ${message}`;
}

function containerWaits({ status }: Pod): { readonly reason: string; readonly message: string } {
  return status.containerStatuses[0]?.state.waiting ?? { reason: "", message: "" };
}
