import type { Cause } from "../errors.ts";
import type { Instant } from "../time.ts";
import type { EndpointKind, Reason, Waiting } from "./session.ts";

/** What a provider says of one piece of compute. "Gone" is an observation, never an error. */
export type Observation =
  | { readonly state: "queued"; readonly waiting: Waiting }
  | { readonly state: "running" }
  | { readonly state: "suspended" }
  /** It has ended: `cause` null and `exitCode` 0 mean by itself and well. */
  | { readonly state: "gone"; readonly exitCode: number | null; readonly cause: Cause | null }
  /** The provider's full list does not have it. */
  | { readonly state: "nothing" };

/** What can happen to a session: requests and observations, nothing else. */
export type SessionEvent =
  | { readonly type: "launch-accepted"; readonly attempt: number; readonly handle: string }
  | { readonly type: "launch-refused"; readonly attempt: number; readonly cause: Cause }
  /** The launch will not be asked again and its outcome is unknown: there may be compute. */
  | { readonly type: "launch-abandoned"; readonly attempt: number }
  /** `asOf` is when the provider was asked: what it did not know then says nothing about later. */
  | {
      readonly type: "observed";
      readonly attempt: number;
      readonly asOf: Instant;
      readonly observation: Observation;
    }
  | { readonly type: "endpoint-ready"; readonly attempt: number; readonly endpoint: EndpointKind }
  | { readonly type: "requeued"; readonly attempt: number }
  | { readonly type: "contact-lost" }
  | { readonly type: "contact-restored" }
  | { readonly type: "stop-requested"; readonly reason: Reason; readonly by: string | null }
  | { readonly type: "extended"; readonly until: Instant }
  | { readonly type: "renamed"; readonly name: string }
  | { readonly type: "tick" };

/** What must be done outside. Carried out at least once; open and close route within the same transaction. */
export type Effect =
  | { readonly type: "launch"; readonly attempt: number }
  | { readonly type: "terminate"; readonly handle: string | null }
  | { readonly type: "open-route" }
  | { readonly type: "close-route" }
  /** `at` is when it happened, where the session itself does not say. */
  | { readonly type: "notify"; readonly message: Notice; readonly at?: Instant };

/** What the owner is told. */
export type Notice = "ready" | "expires-soon" | "ended" | "failed" | "join-asked" | "support-let-in";

/** What the lifecycle needs to know of the facility's rules; all spans in milliseconds. */
export interface LifeLimits {
  readonly startWithin: number;
  readonly warnBefore: number;
  readonly idleAfter: number | null;
  readonly terminateAgainAfter: number;
}
