import type { Duplex } from "node:stream";
import { type CancelSignal, type EndpointKind, Rejected, Unavailable } from "@endstation/core";
import { patiently } from "../../../transports/patience.ts";
import type { Attempt, Tunnels } from "../../../transports/tunnel/index.ts";

export const endpoints: readonly EndpointKind[] = ["jupyter", "terminal"];

/** Milliseconds from the beginning of a session's program until its launcher has dialled in, on a slow node. */
const connectsWithin = 10_000;

/** What is known of a session's pod; its kind is null before it has been seen. */
export interface Known {
  readonly kind: string | null;
  isGone(): boolean;
}

/** Waits a little for a launcher that is just coming. */
export async function dial(
  tunnels: Tunnels,
  of: Attempt,
  endpoint: EndpointKind,
  { kind, isGone }: Known,
  signal: CancelSignal,
): Promise<Duplex> {
  if (!endpoints.includes(endpoint) || (kind !== null && kind !== endpoint))
    throw new Rejected("session-unreachable", `${of.sessionId} has no endpoint "${endpoint}"`);
  if (isGone()) throw new Unavailable(`${of.sessionId} has ended`);
  return patiently(
    () => tunnels.dial(of, endpoint, signal),
    connectsWithin,
    async () => !isGone(),
    signal,
  );
}
