import type { Cause, Observation } from "@endstation/core";
import type { Job } from "./slurm.ts";
import { waitingFor } from "./waiting.ts";

export type Seen = Exclude<Observation, { state: "nothing" }>;

/** What we know of a session beside what Slurm says. */
export interface Known {
  /** It is to end because we were asked to end it. */
  readonly asked: boolean;
  /** Null: not known here. */
  readonly memoryMiB: number | null;
}

const waits = new Set([
  ...["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"],
]);
const holds = new Set(["SUSPENDED", "STOPPED"]);
/** Its processes may be there still, whatever its base state says. */
const ends = new Set(["COMPLETING", "STAGE_OUT"]);

/** Of a job that Slurm knows, what the portal is told. A state that we have never heard of is no end. */
export function observationOf(job: Job, known: Known, now: number): Seen {
  const has = (words: ReadonlySet<string>) => job.states.some((state) => words.has(state));
  if (has(waits)) return { state: "queued", waiting: waitingFor(job, now) };
  if (has(ends)) return { state: "running" };
  if (has(holds)) return { state: "suspended" };
  return (
    job.states.map((state) => goneBy[state]?.(job, known)).find((gone) => gone !== undefined) ?? {
      state: "running",
    }
  );
}

export function isGone(job: Job): boolean {
  return observationOf(job, { asked: false, memoryMiB: null }, 0).state === "gone";
}

type Gone = Extract<Seen, { state: "gone" }>;

/** Slurm's words for an end. An end that was asked for needs no cause. */
const goneBy: Readonly<Record<string, (job: Job, known: Known) => Gone>> = Object.fromEntries(
  Object.entries({
    COMPLETED: (job: Job) => exited(job),
    FAILED: (job: Job) => failed(job),
    CANCELLED: (job: Job) => dead(job, "killed", `it was cancelled on the cluster${becauseOf(job)}`),
    TIMEOUT: (job: Job) => dead(job, "time-limit", "Slurm's time limit for it was reached"),
    DEADLINE: (job: Job) => dead(job, "time-limit", "its deadline was reached"),
    OUT_OF_MEMORY: (job: Job, { memoryMiB }: Known) =>
      dead(job, "out-of-memory", memoryMiB === null ? "it had no more memory" : `it has ${memoryMiB} MiB`),
    NODE_FAIL: (job: Job) => dead(job, "killed", `node ${job.nodes || "of its own"} failed`),
    BOOT_FAIL: (job: Job) => dead(job, "launch-rejected", `node ${job.nodes || "of its own"} did not start`),
    LAUNCH_FAILED: (job: Job) => dead(job, "launch-rejected", `it could not be started on ${job.nodes}`),
    PREEMPTED: (job: Job) => dead(job, "preempted", "another job took its place"),
    REVOKED: (job: Job) => dead(job, "killed", "another cluster took it"),
  }).map(([state, say]) => [
    state,
    (job: Job, known: Known) => (known.asked ? { ...say(job, known), cause: null } : say(job, known)),
  ]),
);

function exited(job: Job): Gone {
  return { state: "gone", exitCode: job.exit.code, cause: null };
}

/** A shell's way to say that a signal ended its child. */
const signalled = 128;
const deadly = new Set([9, 15]);
/** Beyond it Slurm has marks of its own, such as 125 for memory. */
const lastSignal = 64;

function failed(job: Job): Gone {
  const { code, signal } = job.exit;
  if (/^(JobLaunchFailure|BadConstraints|SystemFailure)/.test(job.reason))
    return dead(job, "launch-rejected", `Slurm could not start it on ${job.nodes || "any node"}`);
  const by = signal > 0 ? signal : code - signalled;
  if (signal > 0 || deadly.has(by)) return dead(job, "killed", `its main process was ended by signal ${by}`);
  return exited(job);
}

function dead(job: Job, code: Cause["code"], detail: string): Gone {
  const { code: exitCode, signal } = job.exit;
  return {
    state: "gone",
    exitCode: signal > 0 && signal <= lastSignal ? signalled + signal : exitCode || null,
    cause: { code, detail: `${detail} (Slurm: ${wordsOf(job)})` },
  };
}

function wordsOf({ states, reason }: Job): string {
  return [...states, ...(reason === "" ? [] : [reason])].join(", ");
}

function becauseOf({ reason }: Job): string {
  return reason === "" ? ", by an operator or with scancel" : "";
}
