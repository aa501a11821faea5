import type { Observation, Seen } from "@endstation/core";

/** A process and when it started, so that its number used again is noticed. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string | null;
  readonly bootId: string;
}

/** `end.json`: how a session ended, as its supervisor or, where that was killed, the portal wrote it down. */
export interface End {
  /** 128 and the signal's number where a signal ended it; null: not known, or it never ran. */
  readonly exitCode: number | null;
  /** Why it could not be started. */
  readonly trouble: string | null;
  /** It was ended because we asked for it. */
  readonly asked: boolean;
  readonly outOfMemory: boolean;
  readonly at: number;
}

/** What is known of a session from its folder. */
export interface Record {
  readonly memoryMiB: number;
  readonly end: End | null;
}

/** A batch session that has not begun; `ahead` have waited longer. */
export function waiting(ahead: number): Seen["observation"] {
  const others = ahead === 1 ? "1 batch session is ahead, " : `${ahead} batch sessions are ahead, `;
  const reason = `${ahead > 0 ? others : ""}the machine is full`;
  return { state: "queued", waiting: { reason, estimateSeconds: null } };
}

const killedBySignal = 128 + 9;
const terminatedBySignal = 128 + 15;

/** What the end of a session means; without an end it runs. */
export function observationOf({ end, memoryMiB }: Record): Exclude<Observation, { state: "nothing" }> {
  if (end === null) return { state: "running" };
  const gone = { state: "gone", exitCode: end.exitCode, cause: null } as const;
  if (end.asked) return gone;
  if (end.trouble !== null) return { ...gone, cause: { code: "launch-rejected", detail: end.trouble } };
  if (end.outOfMemory && (end.exitCode === null || end.exitCode === killedBySignal))
    return { ...gone, cause: { code: "out-of-memory", detail: `it has ${memoryMiB} MiB` } };
  if (end.exitCode === null || end.exitCode === killedBySignal || end.exitCode === terminatedBySignal)
    return { ...gone, cause: { code: "killed", detail: "its main process was killed" } };
  return gone;
}
