import type { Duplex } from "node:stream";
import { type CancelSignal, type EndpointKind, Rejected, type Target, Unavailable } from "@endstation/core";
import { patiently } from "../../../transports/patience.ts";
import type { Records } from "./records.ts";
import type { Site } from "./site.ts";

/** How long a launcher may take to connect, to a portal that was just started or from a session that was. */
const connectsWithin = 5_000;

/** Through the tunnel; the engine is not asked: sessions can be reached while it is away. */
export async function dial(
  { records, tunnels }: Site,
  target: Target,
  endpoint: EndpointKind,
  signal: CancelSignal,
): Promise<Duplex> {
  const handle = await latestOf(records, target);
  const order = handle === null ? null : await records.order(handle);
  if (handle === null || order === null) throw new Unavailable(`${target.sessionId} is not known here`);
  if (!order.endpoints.includes(endpoint))
    throw new Rejected("session-unreachable", `${target.sessionId} has no endpoint "${endpoint}"`);
  const once = () => tunnels.dial(order, endpoint, signal);
  return patiently(once, connectsWithin, () => records.isOpen(handle), signal);
}

/** The handle that is meant; without one, that of the latest attempt. */
export async function latestOf(records: Records, { sessionId, handle }: Target): Promise<string | null> {
  return handle ?? (await records.handlesOf(sessionId)).at(-1) ?? null;
}
