import type { CancelSignal, Seen } from "@endstation/core";
import pLimit from "p-limit";
import type { Cluster } from "./cluster.ts";
import type { Ending } from "./folder.ts";
import { handleOf, type Start } from "./names.ts";
import type { End, Order } from "./notes.ts";
import type { Job } from "./slurm.ts";
import { isGone, observationOf } from "./status.ts";
import { whyNever } from "./waiting.ts";

/** How long an end is told beyond its moment, in milliseconds. */
const toldFor = 15 * 60_000;

type Gone = Extract<Seen["observation"], { state: "gone" }>;

/** What the portal is told of a job of ours. An end is written down and for good; what can never start is ended. */
export async function settle(cluster: Cluster, start: Start, job: Job, signal: CancelSignal): Promise<Seen> {
  const { notes, now } = cluster;
  const handle = handleOf(start);
  const [end, order] = [await notes.end(handle), await notes.order(handle)];
  if (end !== null) {
    if (order !== null && !isGone(job)) await cluster.slurm.cancel(job.id, order.account, signal);
    return seenEnded(start, end);
  }
  const attempt = start.attempt + job.restarts;
  const known = { asked: await notes.isAsked(handle), memoryMiB: order?.memoryMiB ?? null };
  const observation = observationOf(job, known, now());
  const never = known.asked ? null : whyNever(job);
  if (never !== null && order !== null) {
    await letGo(cluster, start, attempt, order, signal);
    await cluster.slurm.cancel(job.id, order.account, signal);
    return finish(cluster, start, attempt, {
      state: "gone",
      exitCode: null,
      cause: { code: "launch-rejected", detail: never },
    });
  }
  if (observation.state !== "gone") {
    if (observation.state === "queued" && job.restarts > 0 && order !== null)
      await renewTicket(cluster, start, attempt, order, signal);
    return { ...start, attempt, handle, observation };
  }
  await cluster.site.tunnels.revoke({ ...start, attempt });
  const ending = order === null || known.asked ? null : await endingOf(cluster, order, job.restarts, signal);
  return finish(cluster, start, attempt, asWritten(observation, ending));
}

/** Of a start that Slurm does not list: the end that was written down, or nothing, which the portal takes for lost. */
export async function absent(
  cluster: Cluster,
  start: Start,
  asOf: number,
  signal: CancelSignal,
): Promise<Seen | null> {
  const { notes, now } = cluster;
  const handle = handleOf(start);
  const end = await notes.end(handle);
  if (end !== null) return now() - end.at < toldFor ? seenEnded(start, end) : null;
  const [order, job] = [await notes.order(handle), await notes.job(handle)];
  if (order === null || job === null || job.at >= asOf || cluster.lost.has(`${handle} ${job.id}`))
    return null;
  if (await notes.isAsked(handle))
    return finish(cluster, start, start.attempt, { state: "gone", exitCode: null, cause: null });
  const ending = await endingOf(cluster, order, 0, signal);
  if (ending === null) {
    cluster.lost.add(`${handle} ${job.id}`);
    return null;
  }
  await cluster.site.tunnels.revoke(start);
  return finish(
    cluster,
    start,
    start.attempt,
    asWritten({ state: "gone", exitCode: null, cause: null }, ending),
  );
}

/** No job begins in its folder any more, and nothing reaches the portal from there. */
export async function letGo(
  { site, folderOf }: Cluster,
  start: Start,
  lastAttempt: number,
  order: Order,
  signal: CancelSignal,
): Promise<void> {
  for (let attempt = start.attempt; attempt <= lastAttempt; attempt += 1)
    await site.tunnels.revoke({ ...start, attempt });
  await folderOf(order).markEnded(signal);
}

/** The first start has used its ticket up; each further one gets one of its own before it begins. */
async function renewTicket(
  cluster: Cluster,
  start: Start,
  attempt: number,
  order: Order,
  signal: CancelSignal,
) {
  const key = `${handleOf(start)} ${attempt}`;
  if (cluster.renewed.has(key)) return;
  const ticket = await cluster.site.tunnels.ticket({ ...start, attempt }, "network");
  await cluster.folderOf(order).replace("tunnel.json", ticket, signal);
  cluster.renewed.add(key);
}

/** After an outage many may have ended at once. */
const fewAtOnce = pLimit(8);

async function endingOf(
  { folderOf, site }: Cluster,
  order: Order,
  restart: number,
  signal: CancelSignal,
): Promise<Ending | null> {
  try {
    return await fewAtOnce(() => folderOf(order).ending(restart, signal));
  } catch (error) {
    if (signal.aborted) throw error;
    site.log.warn({ err: error, folder: order.folder }, "how a session ended cannot be read");
    return null;
  }
}

/**
 * What the job wrote down itself counts beside Slurm's word: why it could not begin; and where a child of it was killed
 * for memory and it went on to its own end, that end.
 */
function asWritten(gone: Gone, ending: Ending | null): Gone {
  if (ending === null) return gone;
  if (ending.trouble !== null) return { ...gone, exitCode: ending.status, cause: ending.trouble };
  if (gone.cause === null || (gone.cause.code === "out-of-memory" && ending.status === 0))
    return { ...gone, exitCode: ending.status, cause: null };
  return gone;
}

async function finish({ notes, now }: Cluster, start: Start, attempt: number, gone: Gone): Promise<Seen> {
  const end: End = { attempt, exitCode: gone.exitCode, cause: gone.cause, at: now() };
  await notes.finish(handleOf(start), end);
  return seenEnded(start, end);
}

function seenEnded(start: Start, { attempt, exitCode, cause }: End): Seen {
  return { ...start, attempt, handle: handleOf(start), observation: { state: "gone", exitCode, cause } };
}
