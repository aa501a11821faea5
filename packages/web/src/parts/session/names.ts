import type { Session } from "@endstation/api";
import type { TFunction } from "i18next";

const stages = [
  "accepted",
  "queued",
  "placed",
  "starting",
  "answering",
  "suspended",
  "resumed",
  "requeued",
  "warned",
  "stopping",
  "ended",
] as const;

const reasons = [
  "user",
  "admin",
  "idle",
  "expired",
  "right-lost",
  "start-timeout",
  "completed",
  "ended-itself",
  "refused",
  "vanished",
  "exit-code",
  "killed",
  "preempted",
] as const;

/** A stage in words; `answering` names what answers. */
export function stageName(t: TFunction, name: string, endpoint: Session["endpoints"][number] | null): string {
  const known = stages.find((stage) => stage === name);
  if (known === undefined) return name;
  if (known === "answering" && endpoint !== null) return t(`answers.${endpoint}`);
  return t(`stage.${known}`);
}

/** Why a session ended, in words; a reason this page does not know is shown as it came. */
export function reasonText(t: TFunction, reason: string | null): string {
  if (reason === null) return t("reason.unknown");
  const known = reasons.find((one) => one === reason);
  return known === undefined ? reason : t(`reason.${known}`);
}
