import type { CancelSignal, Seen } from "@endstation/core";
import type { Cluster } from "./cluster.ts";
import { handleOf, oursOf, type Start, startOf } from "./names.ts";
import { absent, settle } from "./settling.ts";
import type { Job } from "./slurm.ts";
import { isGone } from "./status.ts";

/** Slurm's full list, and what it means for us. */
export interface Census {
  readonly asOf: number;
  readonly seen: readonly Seen[];
  /** The one job that counts for a start of ours, by handle. */
  readonly jobs: ReadonlyMap<string, Job>;
  /** When the first of a partition's jobs reaches its limit, whosoever they are. */
  readonly busyUntil: ReadonlyMap<string, number>;
}

export async function takeCensus(cluster: Cluster, signal: CancelSignal): Promise<Census> {
  const asOf = cluster.now();
  const all = await cluster.slurm.jobs(signal);
  const jobs = await countingJobs(cluster, all, signal);
  const listed = await Promise.all(
    [...jobs].map(([handle, job]) => settle(cluster, startIn(handle), job, signal)),
  );
  const others = (await cluster.notes.handles()).filter((handle) => !jobs.has(handle));
  const unlisted = await Promise.all(others.map((handle) => absent(cluster, startIn(handle), asOf, signal)));
  return {
    asOf,
    seen: [...listed, ...unlisted.filter((one) => one !== null)],
    jobs,
    busyUntil: soonestEnds(all),
  };
}

function startIn(handle: string): Start {
  return startOf(handle) as Start;
}

/** One job for each start of ours; what a portal left over that lost an answer is cancelled. */
async function countingJobs(
  cluster: Cluster,
  all: readonly Job[],
  signal: CancelSignal,
): Promise<ReadonlyMap<string, Job>> {
  const groups = new Map<string, Job[]>();
  for (const job of all) {
    const handle = await handleIfOurs(cluster, job);
    if (handle !== null) groups.set(handle, [...(groups.get(handle) ?? []), job]);
  }
  const counting = new Map<string, Job>();
  for (const [handle, jobs] of groups) {
    const [first, ...more] = jobs.toSorted(byWorth) as [Job, ...Job[]];
    counting.set(handle, first);
    const order = more.length === 0 ? null : await cluster.notes.order(handle);
    for (const double of order === null ? [] : more.filter((job) => !isGone(job)))
      await cluster.slurm.cancel(double.id, (order as NonNullable<typeof order>).account, signal);
  }
  return counting;
}

/** Anybody can give a job our name and comment; it is ours where it is also its owner's. */
export async function handleIfOurs({ mark, notes }: Cluster, job: Job): Promise<string | null> {
  const start = oursOf(mark, job);
  if (start === null) return null;
  const order = await notes.order(handleOf(start));
  return order === null || order.account.name === job.user ? handleOf(start) : null;
}

/** What runs before what waits, before what has ended; of what has ended what ran longest; else the first. */
function byWorth(a: Job, b: Job): number {
  return rank(b) - rank(a) || ranFor(b) - ranFor(a) || a.id - b.id;
}

function rank(job: Job): number {
  if (isGone(job)) return 0;
  return job.states.includes("PENDING") ? 1 : 2;
}

function ranFor(job: Job): number {
  return isGone(job) ? (job.endsAt ?? 0) - (job.startsAt ?? 0) : 0;
}

function soonestEnds(jobs: readonly Job[]): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  for (const { states, partition, endsAt } of jobs)
    if (states.includes("RUNNING") && endsAt !== null)
      ends.set(partition, Math.min(endsAt, ends.get(partition) ?? endsAt));
  return ends;
}
