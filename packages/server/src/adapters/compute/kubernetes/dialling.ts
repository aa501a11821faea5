import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type CancelSignal, type EndpointKind, Rejected, Unavailable } from "@endstation/core";
import type { Attempt, Tunnels } from "../../../transports/tunnel/index.ts";

export const endpoints: readonly EndpointKind[] = ["jupyter", "terminal"];

/** Milliseconds from the beginning of a session's program until its launcher has dialled in, on a slow node. */
const patience = 10_000;
const lookEvery = 20;

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
  for (const until = performance.now() + patience; ; await sleep(lookEvery)) {
    if (isGone()) throw new Unavailable(`${of.sessionId} has ended`);
    try {
      return await tunnels.dial(of, endpoint, signal);
    } catch (error) {
      if (signal.aborted || performance.now() > until) throw error;
    }
  }
}
