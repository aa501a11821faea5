import type { EnvironmentSource, Flavour } from "../environment/environment.ts";
import type { ErrorCode } from "../errors.ts";
import type { Observation } from "../session/event.ts";
import type { EndpointKind, Job, SessionId, SessionKind } from "../session/session.ts";
import type { Instant } from "../time.ts";
import type { CancelSignal } from "./cancel-signal.ts";

/**
 * A back-end that can run sessions. The contract, each promise of which has a case in `core/testing`:
 *
 * - Arguments are domain types. Every call takes a cancel signal and rejects soon after it is raised.
 * - It throws exactly two kinds: `Unavailable` (cannot be asked now; the caller tries again) and `Rejected` (will not
 *   get better). That something is gone is an observation, never an error.
 * - Capabilities are declared and constant during the provider's life.
 * - Sessions outlive the portal: a provider made anew finds everything that an earlier one launched.
 *
 * `Connection` is opaque here; the server fixes it as a Node `Duplex`.
 */
export interface ComputeProvider<Connection> {
  readonly capabilities: Capabilities;
  /** Whether and when it could place this, without placing it. */
  offers(request: PlaceRequest, signal: CancelSignal): Promise<Offer>;
  /**
   * Starts it and answers as soon as the provider has taken it on, not when it is ready. Idempotent by session id and
   * attempt: asked twice, one session runs and both answers name the same handle.
   * @throws Rejected when it can never be placed · Unavailable when that cannot be known now.
   */
  launch(spec: LaunchSpec, signal: CancelSignal): Promise<Launched>;
  /**
   * What is ours: the first item is the full list, taken after the call began; then changes or further full lists.
   * Throws Unavailable when the provider cannot be asked (the caller asks anew); ends when the signal is raised.
   */
  observe(signal: CancelSignal): AsyncIterable<Sighting>;
  /**
   * Ends it and all its processes. Returns when the provider has taken the order; something gone, or never there,
   * succeeds. `handle` is null when the launch's answer was lost: then it is found by the session id.
   */
  terminate(target: Target, signal: CancelSignal): Promise<void>;
  /**
   * A byte stream to an endpoint of a running session.
   * @throws Unavailable when it does not answer (yet) · Rejected when the session has no such endpoint.
   */
  dial(target: Target, endpoint: EndpointKind, signal: CancelSignal): Promise<Connection>;
  /** The last lines of what the session wrote, newest last; present when `capabilities.logs`. */
  logs?(target: Target, maxBytes: number, signal: CancelSignal): Promise<string>;
}

export interface Target {
  readonly sessionId: SessionId;
  readonly handle: string | null;
}

export interface Capabilities {
  readonly kinds: readonly SessionKind[];
  readonly endpoints: readonly EndpointKind[];
  readonly logs: boolean;
  /** How sessions are kept apart: `none` is for development alone. */
  readonly isolation: "none" | "sandbox" | "container" | "virtual-machine" | "user";
  /** What holds a session to its flavour's size. */
  readonly limits: "cgroup-v1" | "cgroup-v2" | "rlimit" | "engine" | "none";
  readonly network: "none" | "open";
  /** Which of an environment's sources it starts; the first that an environment has is taken. */
  readonly sources: readonly (keyof EnvironmentSource)[];
}

export interface PlaceRequest {
  readonly kind: SessionKind;
  readonly flavour: Flavour;
  readonly source: EnvironmentSource;
  /** Folders of the data it is for, as the portal sees them: what cannot be mounted there is refused (`data-unreachable`). */
  readonly folders: readonly string[];
}

/** Fits (now, or after `waitSeconds`), or a coded refusal. */
export type Offer =
  | {
      readonly fits: true;
      readonly waitSeconds: number;
      /** Places of that size now; null: not known. */
      readonly free: number | null;
    }
  | { readonly fits: false; readonly code: ErrorCode; readonly detail: string };

export interface Launched {
  readonly handle: string;
}

export type Sighting =
  | { readonly type: "all"; readonly asOf: Instant; readonly seen: readonly Seen[] }
  | { readonly type: "change"; readonly asOf: Instant; readonly seen: Seen };

export interface Seen {
  readonly sessionId: SessionId;
  readonly attempt: number;
  readonly handle: string;
  readonly observation: Exclude<Observation, { state: "nothing" }>;
}

/** Everything a provider needs to start a session. Paths are as the portal sees them; a provider that sees them elsewhere is configured so. */
export interface LaunchSpec {
  readonly sessionId: SessionId;
  readonly attempt: number;
  readonly kind: SessionKind;
  readonly endpoints: readonly EndpointKind[];
  readonly posix: PosixAccount;
  readonly source: EnvironmentSource;
  readonly flavour: Flavour;
  /** `/data/<dataset>` read-only, `/results` and `/home/user` writable: see `Mount.target`. */
  readonly mounts: readonly Mount[];
  /** Laid down as `/run/session/spec.json` and `/run/session/datasets.json`. */
  readonly document: SessionDocument;
}

export interface Mount {
  readonly source: string;
  /** Where it appears inside the session. */
  readonly target: string;
  readonly readOnly: boolean;
}

/** The account that a session's processes and files belong to. */
export interface PosixAccount {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** What the session is told of itself; nothing secret. */
export interface SessionDocument {
  readonly session: {
    readonly id: SessionId;
    readonly name: string;
    readonly kind: SessionKind;
    readonly attempt: number;
  };
  readonly owner: { readonly account: string; readonly name: string };
  readonly proposal: string | null;
  readonly environment: string;
  readonly datasets: readonly SessionDataset[];
  /** Template to put in front, with its parameters filled in; null: an empty launcher page. */
  readonly notebook: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What a batch session runs; null for every other kind. */
  readonly job: Job | null;
}

export interface SessionDataset {
  readonly id: string;
  readonly title: string;
  /** Inside the session: `/data/<id>`. */
  readonly path: string;
  readonly files: readonly string[];
}
