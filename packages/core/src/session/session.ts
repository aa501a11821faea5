import type { Cause } from "../errors.ts";
import type { Instant } from "../time.ts";

/** `s-` and 20 lower-case letters or digits: the same string names the pod, the job, the folder. */
export type SessionId = string;

export const sessionIdPattern = /^s-[a-z0-9]{20}$/;

export type SessionKind = "jupyter" | "desktop" | "terminal" | "batch";

/** What can be dialled in a running session. Batch has none. */
export type EndpointKind = "jupyter" | "desktop" | "terminal";

/**
 * Where a session is in its life.
 * `pending`: asked for, or waiting for a place in a provider's queue · `starting`: placed, not yet answering ·
 * `running`: answering · `suspended`: the provider holds it still, it may go on · `stopping`: being ended ·
 * `stopped`, `failed`: ended, for good.
 */
export type Phase = "pending" | "starting" | "running" | "suspended" | "stopping" | "stopped" | "failed";

export const phases: readonly Phase[] = [
  "pending",
  "starting",
  "running",
  "suspended",
  "stopping",
  "stopped",
  "failed",
];

/** Why a session is being ended or has ended. */
export type Reason =
  | "user"
  | "admin"
  | "idle"
  | "expired"
  | "right-lost"
  | "start-timeout"
  | "completed"
  | "ended-itself"
  | "refused"
  | "vanished"
  | "exit-code"
  | "killed"
  | "preempted";

/** A step of a session's life with the moment it happened, for the timeline people see. */
export interface Stage {
  readonly name: StageName;
  readonly at: Instant;
}

export type StageName =
  | "accepted"
  | "queued"
  | "placed"
  | "starting"
  | "answering"
  | "suspended"
  | "resumed"
  | "requeued"
  | "warned"
  | "stopping"
  | "ended";

/** A place in a provider's queue, in words for people. */
export interface Waiting {
  readonly reason: string;
  /** Seconds until it may start, as the provider estimates; null when it does not say. */
  readonly estimateSeconds: number | null;
}

/** What a batch session runs: a program of its own, or the session's notebook from its first cell to its last. */
export interface Job {
  /** The text of a program: Python, or what its `#!` line names. Null: the notebook is run. */
  readonly script: string | null;
  readonly arguments: readonly string[];
}

/** What only a batch session has. */
export interface Batch {
  /** Whether it runs a program of its own, whose text the store keeps apart; else it runs its notebook. */
  readonly hasScript: boolean;
  readonly arguments: readonly string[];
  /** How often it is begun anew at most when it failed. */
  readonly retries: number;
  /** Its place among those that were asked for together; null: alone. */
  readonly array: ArrayPlace | null;
}

/** `id` is the first one's; `index` counts from 0. */
export interface ArrayPlace {
  readonly id: SessionId;
  readonly index: number;
  readonly size: number;
}

/** What was asked for and never changes during a session's life. */
export interface SessionRequest {
  readonly id: SessionId;
  readonly owner: string;
  readonly kind: SessionKind;
  readonly environment: string;
  readonly flavour: string;
  readonly provider: string;
  /** Why it went there, in words for people. */
  readonly placement: string;
  readonly proposal: string | null;
  readonly datasets: readonly string[];
  readonly notebook: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly endpoints: readonly EndpointKind[];
  /** Null for every kind but batch. */
  readonly batch: Batch | null;
  readonly createdAt: Instant;
}

/** One person's running environment: immutable data, moved only by `decide` (lifecycle.ts). */
export interface Session extends SessionRequest {
  readonly name: string;
  /** Grows by one with each change; a write with an old version loses. */
  readonly version: number;
  readonly phase: Phase;
  readonly attempt: number;
  /** How often it was begun anew because it had failed. */
  readonly retried: number;
  /** The provider's own name for what it runs; null until it said so. */
  readonly handle: string | null;
  /** When the outcome of the launch became known; null while it is being asked. */
  readonly launchedAt: Instant | null;
  readonly waiting: Waiting | null;
  readonly ready: readonly EndpointKind[];
  readonly reason: Reason | null;
  readonly cause: Cause | null;
  /** How its program ended, of several attempts the last that did; null: not yet, or not known. */
  readonly exitCode: number | null;
  /** Since when the provider cannot be asked. An outage changes nothing else. */
  readonly contactLostSince: Instant | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly expiresAt: Instant;
  readonly warnedAt: Instant | null;
  readonly lastActivityAt: Instant;
  readonly terminateAskedAt: Instant | null;
  readonly stages: readonly Stage[];
}

export function isEnded(session: Pick<Session, "phase">): boolean {
  return session.phase === "stopped" || session.phase === "failed";
}

/** A session just asked for, with nothing done yet: feed its first effects from `begin` (lifecycle.ts). */
export function newSession(request: SessionRequest, name: string, expiresAt: Instant): Session {
  return {
    ...request,
    name,
    version: 0,
    phase: "pending",
    attempt: 1,
    retried: 0,
    handle: null,
    launchedAt: null,
    waiting: null,
    ready: [],
    reason: null,
    cause: null,
    exitCode: null,
    contactLostSince: null,
    startedAt: null,
    endedAt: null,
    expiresAt,
    warnedAt: null,
    lastActivityAt: request.createdAt,
    terminateAskedAt: null,
    stages: [{ name: "accepted", at: request.createdAt }],
  };
}
