import type { Cause, Observation } from "@endstation/core";
import { endAsked } from "./names.ts";
import { waitingOf } from "./pending.ts";
import type { Ending, Pod } from "./schema.ts";
import { withWords } from "./words.ts";

type Seen = Exclude<Observation, { state: "nothing" }>;
type Gone = Seen & { state: "gone" };

const killedBySignal = 128 + 9;
const terminatedBySignal = 128 + 15;

/** What a pod that is there says of its session; `complaint`: what the cluster says of it besides. */
export function observationOf(pod: Pod, complaint: string | null = null): Seen {
  if (isOver(pod)) return observationOfDeleted(pod);
  // Also between its end and the pod's, and as a node that is out of contact was last heard of.
  if (hasBegun(pod)) return { state: "running" };
  return { state: "queued", waiting: { reason: waitingOf(pod, complaint), estimateSeconds: null } };
}

/** What a pod that is no more, or about to be, says as it was last known. */
export function observationOfDeleted(pod: Pod): Gone {
  const ending = endingOf(pod);
  const cause = isOver(pod) && !endedByDeletion(pod) ? causeOfEnd(pod, ending) : causeOfDeletion(pod);
  return { state: "gone", exitCode: ending?.exitCode ?? null, cause };
}

export function isOver({ status }: Pod): boolean {
  return status.phase === "Succeeded" || status.phase === "Failed";
}

/** Whether its program was ever started. */
export function hasBegun({ status }: Pod): boolean {
  const state = status.containerStatuses[0]?.state;
  return state?.running !== undefined || state?.terminated !== undefined || status.phase === "Running";
}

/** Milliseconds since 1970; of one that never began, when it was made. */
export function endedAt(pod: Pod): number {
  return (endingOf(pod)?.finishedAt ?? pod.metadata.creationTimestamp).getTime();
}

/** Whether somebody deleted it while it ran: what had ended before is only tidied away. */
function endedByDeletion(pod: Pod): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined) return false;
  const deletedAt = deletionTimestamp.getTime() - deletionGracePeriodSeconds * 1000;
  return deletedAt <= (endingOf(pod)?.finishedAt?.getTime() ?? Number.POSITIVE_INFINITY);
}

function causeOfDeletion(pod: Pod): Cause | null {
  if (isEndAsked(pod)) return causeAsked(pod);
  const { reason, message } = pod.status;
  return (
    disruptionOf(pod) ?? {
      code: "killed",
      detail: withWords("its pod was deleted by somebody", reason, message),
    }
  );
}

/** In its order: what we asked for, what the cluster did, what the container met. */
function causeOfEnd(pod: Pod, ending: Ending | undefined): Cause | null {
  const { reason, message } = pod.status;
  if (reason === "DeadlineExceeded")
    return isEndAsked(pod)
      ? causeAsked(pod)
      : { code: "time-limit", detail: withWords("Kubernetes' own time limit was reached", reason, message) };
  if (reason === "Evicted") return evicted(reason, message);
  return disruptionOf(pod) ?? (ending === undefined ? notTaken(reason, message) : causeOfEnding(ending));
}

/** Room that was taken back is preemption; who filled the node's disk beyond her own limit was killed for it. */
function evicted(reason: string, message: string): Cause {
  return /exceed(s|ed) the|usage exceeds/i.test(message)
    ? { code: "killed", detail: withWords("it used more disk than it may", reason, message) }
    : { code: "preempted", detail: withWords("the node needed its room", reason, message) };
}

/** https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions */
function disruptionOf({ status, spec }: Pod): Cause | null {
  const found = status.conditions.find((one) => one.type === "DisruptionTarget" && one.status === "True");
  if (found === undefined) return null;
  const { reason, message } = found;
  return ["DeletionByTaintManager", "DeletionByPodGC"].includes(reason)
    ? { code: "killed", detail: withWords(`node ${spec.nodeName ?? "of it"} was lost`, reason, message) }
    : { code: "preempted", detail: withWords("the cluster took its place back", reason, message) };
}

function notTaken(reason: string, message: string): Cause {
  return { code: "launch-rejected", detail: withWords("the node did not take it", reason, message) };
}

function causeOfEnding({ exitCode, reason, message }: Ending): Cause | null {
  if (["StartError", "ContainerCannotRun"].includes(reason)) return neverRan(reason, message);
  const said = [reason, message, `exit code ${exitCode}`];
  // A child that was killed for memory leaves the mark, too, and its session goes on.
  if (reason === "OOMKilled" && exitCode === killedBySignal)
    return { code: "out-of-memory", detail: withWords("its server was killed for memory", ...said) };
  if (exitCode === killedBySignal || exitCode === terminatedBySignal)
    return { code: "killed", detail: withWords("its server was killed", ...said) };
  return null;
}

function neverRan(reason: string, message: string): Cause {
  return /no such file|executable file not found/.test(message)
    ? {
        code: "environment-unavailable",
        detail: withWords("its image has no environment where it should be", reason, message),
      }
    : { code: "launch-rejected", detail: withWords("it could not be started", reason, message) };
}

function isEndAsked({ metadata }: Pod): boolean {
  return endAsked in metadata.annotations;
}

function causeAsked({ metadata }: Pod): Cause | null {
  return JSON.parse(metadata.annotations[endAsked] ?? "null");
}

function endingOf({ status }: Pod): Ending | undefined {
  return status.containerStatuses[0]?.state.terminated;
}
