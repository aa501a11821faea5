import type { Phase, Session } from "@endstation/api";

/** On its way somewhere: worth asking about often. */
export function isMoving({ phase }: Pick<Session, "phase">): boolean {
  return phase === "pending" || phase === "starting" || phase === "stopping";
}

export function isEnded({ phase }: Pick<Session, "phase">): boolean {
  return phase === "stopped" || phase === "failed";
}

/** Not yet entered for the first time. */
export function isBeginning({ phase }: Pick<Session, "phase">): boolean {
  return phase === "pending" || phase === "starting";
}

/** How a phase looks: its tone goes with an icon and a word, never alone. */
export type Tone = "good" | "busy" | "bad" | "quiet" | "note";

export const toneOfPhase: Readonly<Record<Phase, Tone>> = {
  pending: "busy",
  starting: "busy",
  running: "good",
  suspended: "note",
  stopping: "busy",
  stopped: "quiet",
  failed: "bad",
};

type Action = "enter" | "stop" | "change" | "share" | "log" | "audit";

const may: Readonly<Record<Action, readonly Session["myAccess"][]>> = {
  enter: ["owner", "member", "viewer", "support"],
  stop: ["owner", "admin"],
  change: ["owner"],
  share: ["owner"],
  log: ["owner", "member", "support", "admin"],
  audit: ["owner", "support", "admin"],
};

/** Whether a button makes sense for this person; the portal decides in the end. */
export function mayDo(action: Action, { myAccess }: Pick<Session, "myAccess">): boolean {
  return may[action].includes(myAccess);
}
