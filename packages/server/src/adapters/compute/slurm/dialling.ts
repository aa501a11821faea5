import type { Duplex } from "node:stream";
import { type CancelSignal, type EndpointKind, Rejected, type Target, Unavailable } from "@endstation/core";
import { patiently } from "../../../transports/patience.ts";
import type { Cluster } from "./cluster.ts";
import { handleOf, type Start, startOf } from "./names.ts";

/** From a job's start until its launcher has dialled in, on a slow node, in milliseconds. */
const connectsWithin = 10_000;

/** A stream to what listens inside, by the way that the launcher there holds open; Slurm is not asked. */
export async function dial(
  { notes, site }: Cluster,
  target: Target,
  endpoint: EndpointKind,
  signal: CancelSignal,
): Promise<Duplex> {
  const start = await latestOf(notes, target);
  const handle = start === null ? "" : handleOf(start);
  const order = await notes.order(handle);
  if (start === null) throw new Unavailable(`${target.sessionId} is not known here`);
  if (order !== null && !order.endpoints.includes(endpoint))
    throw new Rejected("session-unreachable", `${target.sessionId} has no endpoint "${endpoint}"`);
  const once = () => site.tunnels.dial(start, endpoint, signal);
  return patiently(once, connectsWithin, () => mayConnect(notes, handle), signal);
}

async function mayConnect(notes: Cluster["notes"], handle: string): Promise<boolean> {
  return (await notes.end(handle)) === null && !(await notes.isAsked(handle));
}

/** The end of what the job wrote, as its account may read it. */
export async function logs(
  cluster: Cluster,
  target: Target,
  maxBytes: number,
  signal: CancelSignal,
): Promise<string> {
  const start = await latestOf(cluster.notes, target);
  const order = start === null ? null : await cluster.notes.order(handleOf(start));
  return order === null ? "" : cluster.folderOf(order).log(maxBytes, signal);
}

/** The start that is meant; without a handle, the latest. */
async function latestOf(notes: Cluster["notes"], { sessionId, handle }: Target): Promise<Start | null> {
  if (handle !== null) return startOf(handle);
  const starts = (await notes.handles())
    .map((one) => startOf(one))
    .filter((start) => start?.sessionId === sessionId);
  return starts.toSorted((a, b) => (a?.attempt ?? 0) - (b?.attempt ?? 0)).at(-1) ?? null;
}
