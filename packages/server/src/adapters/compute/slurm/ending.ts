import type { CancelSignal, Target } from "@endstation/core";
import { type Census, handleIfOurs } from "./census.ts";
import type { Cluster } from "./cluster.ts";
import { handleOf, type Start, startOf } from "./names.ts";
import { letGo } from "./settling.ts";
import type { Job } from "./slurm.ts";
import { isGone } from "./status.ts";

/** What is to be ended: by its handle, or all that is known of a session. */
export async function meantBy(
  { notes }: Cluster,
  { sessionId, handle }: Target,
  fresh: () => Promise<Census>,
): Promise<Start[]> {
  if (handle !== null) return [startOf(handle)].filter((start) => start !== null);
  const noted = (await notes.handles()).filter((one) => one.startsWith(`${sessionId}.`));
  const listed =
    noted.length > 0 ? [] : [...(await fresh()).jobs.keys()].filter((one) => one.startsWith(`${sessionId}.`));
  return [...noted, ...listed].map((one) => startOf(one)).filter((start) => start !== null);
}

/**
 * Cancels a start's job, and sees to it that one which Slurm is just being asked for does not begin. Without a word from Slurm it
 * is not done.
 */
export async function end(
  cluster: Cluster,
  start: Start,
  fresh: () => Promise<Census>,
  signal: CancelSignal,
): Promise<void> {
  const { notes, now, slurm, site, accounts } = cluster;
  const handle = handleOf(start);
  if ((await notes.end(handle)) !== null) return site.tunnels.revoke(start);
  const order = await notes.order(handle);
  if (order !== null) {
    await notes.ask(handle, now());
    await letGo(cluster, start, start.attempt, order, signal);
  }
  const job = await jobOf(cluster, handle, fresh, signal);
  if (job === null || isGone(job)) return;
  if (job.restarts > 0) await site.tunnels.revoke({ ...start, attempt: start.attempt + job.restarts });
  const account = order?.account ?? (await accounts.named(job.user, signal));
  await slurm.cancel(job.id, account, signal);
}

/** By the number that we noted, if that is still this job; else from the list. */
async function jobOf(
  cluster: Cluster,
  handle: string,
  fresh: () => Promise<Census>,
  signal: CancelSignal,
): Promise<Job | null> {
  const taken = await cluster.notes.job(handle);
  const job = taken === null ? null : await cluster.slurm.job(taken.id, signal);
  if (job !== null && (await handleIfOurs(cluster, job)) === handle) return job;
  return (await fresh()).jobs.get(handle) ?? null;
}
