import type { Duplex } from "node:stream";
import { type CancelSignal, type EndpointKind, Rejected, Unavailable } from "@endstation/core";
import { patiently } from "../../../transports/patience.ts";
import type { Attempt, Tunnels } from "../../../transports/tunnel/index.ts";

export const endpoints: readonly EndpointKind[] = ["jupyter", "terminal"];

/** Milliseconds from the beginning of a session's program until its launcher has dialled in, on a slow node. */
const connectsWithin = 10_000;

/** Waits a little for a launcher that is just coming. */
export async function dial(
  tunnels: Tunnels,
  of: Attempt,
  endpoint: EndpointKind,
  isGone: () => boolean,
  signal: CancelSignal,
): Promise<Duplex> {
  if (!endpoints.includes(endpoint))
    throw new Rejected("session-unreachable", `${of.sessionId} has no endpoint "${endpoint}"`);
  if (isGone()) throw new Unavailable(`${of.sessionId} has ended`);
  return patiently(
    () => tunnels.dial(of, endpoint, signal),
    connectsWithin,
    async () => !isGone(),
    signal,
  );
}
