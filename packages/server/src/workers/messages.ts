import type { EndpointKind, SessionId } from "@endstation/core";

/** Whom a worker wants to be connected to: never an address. */
export interface Wanted {
  readonly provider: string;
  readonly sessionId: SessionId;
  readonly handle: string | null;
  readonly endpoint: EndpointKind;
}

/** What a worker says to the main process. */
export type FromWorker =
  | { readonly say: "ready" }
  | { readonly say: "failed"; readonly why: string }
  | { readonly say: "taken"; readonly id: number }
  | { readonly say: "dial"; readonly id: number; readonly wanted: Wanted };

/** What the main process says to a worker; `begin` is the first and says all it needs to know. */
export type ToWorker<Task> =
  | { readonly say: "begin"; readonly task: Task }
  | Dialled
  /** The connection comes with it, and is the worker's as soon as it has said so. */
  | { readonly say: "take"; readonly id: number }
  | { readonly say: "end" };

/** Handed: the connected socket comes with the message. Spliced: by that token it waits behind the back door. */
export type Dialled = { readonly say: "dialled"; readonly id: number } & (
  | { readonly way: "handed" }
  | { readonly way: "spliced"; readonly token: string }
  | { readonly way: "none"; readonly why: string }
);

/** The first line of a connection through the back door. */
export type Knock = { readonly from: string } | { readonly splice: string };
