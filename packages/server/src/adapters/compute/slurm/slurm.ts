import type { CancelSignal } from "@endstation/core";
import type { Account } from "../../../transports/exec.ts";
import type { JobOptions } from "./config.ts";

/** What the adapter asks of Slurm, whichever way it is asked. @throws Rejected · Unavailable */
export interface Slurm {
  /** Answers the job's number as soon as Slurm has taken it. */
  submit(job: Submission, signal: CancelSignal): Promise<number>;
  /** Every job that Slurm knows of, whosoever it is, also those that ended within its `MinJobAge`. */
  jobs(signal: CancelSignal): Promise<readonly Job[]>;
  /** Null: Slurm knows no job of that number. */
  job(id: number, signal: CancelSignal): Promise<Job | null>;
  /** Also of one that has ended, or is not there. */
  cancel(id: number, account: Account, signal: CancelSignal): Promise<void>;
  /** Nodes, once for each partition that they are in. */
  places(signal: CancelSignal): Promise<readonly Place[]>;
}

export interface Submission {
  readonly account: Account;
  readonly name: string;
  readonly comment: string;
  readonly script: string;
  /** Where the job begins. */
  readonly folder: string;
  /** Where its output goes. */
  readonly log: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly minutes: number;
  /** Whether Slurm may queue it again by itself. */
  readonly requeue: boolean;
  readonly options: JobOptions;
}

/** A job as Slurm tells of it. */
export interface Job {
  readonly id: number;
  readonly name: string;
  readonly comment: string;
  readonly user: string;
  readonly partition: string;
  /** Slurm's words, the base state among them. */
  readonly states: readonly string[];
  /** Slurm's word for why it waits, or why it ended; empty: none. */
  readonly reason: string;
  readonly exit: { readonly code: number; readonly signal: number };
  /** How often it was queued again. */
  readonly restarts: number;
  readonly nodes: string;
  /** Milliseconds since 1970; a start that has not been yet is an estimate. Null: Slurm does not say. */
  readonly startsAt: number | null;
  readonly endsAt: number | null;
}

/** A node in a partition. */
export interface Place {
  readonly node: string;
  readonly partition: string;
  readonly isDefault: boolean;
  /** Whether the partition starts jobs. */
  readonly isUp: boolean;
  /** Whether the node can be used: neither down nor drained. */
  readonly isUsable: boolean;
  readonly cpus: number;
  readonly freeCpus: number;
  readonly memoryMiB: number;
  readonly freeMemoryMiB: number;
  /** As Slurm writes them: `gpu:a100:4`. */
  readonly gres: string;
  readonly gresUsed: string;
  /** Limits of the partition; null: none. */
  readonly mostMinutes: number | null;
  readonly mostCpusPerNode: number | null;
}

/** A wait status of the kernel, which is what Slurm keeps of a job's end. */
export function exitOf(waitStatus: number): Job["exit"] {
  return { code: (waitStatus >> 8) & 0xff, signal: waitStatus & 0x7f };
}
