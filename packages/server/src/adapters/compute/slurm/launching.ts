import { setTimeout as sleep } from "node:timers/promises";
import { type CancelSignal, type LaunchSpec, Rejected } from "@endstation/core";
import type { Census } from "./census.ts";
import type { Cluster } from "./cluster.ts";
import { handleOf } from "./names.ts";
import { filesFor, type Plan, plan } from "./planning.ts";

/** How long another process that has made a session's folder may take to submit its job, in milliseconds. */
const othersTake = 5_000;

export interface LaunchNeeds {
  readonly cluster: Cluster;
  /** The next full list. */
  fresh(signal: CancelSignal): Promise<Census>;
  /** Handles whose folder this process has made: nobody else submits their jobs. */
  readonly made: Set<string>;
}

/**
 * Starts a job, if this start has none: whoever makes the session's folder submits it. Where the folder is there already,
 * Slurm is asked first; where it knows of no job, one is submitted again, and of two that come so the second ends by
 * itself (see job-script.ts).
 */
export async function launch(needs: LaunchNeeds, spec: LaunchSpec, signal: CancelSignal): Promise<void> {
  const { notes, folderOf, slurm, now } = needs.cluster;
  const handle = handleOf(spec);
  if ((await notes.end(handle)) !== null || (await notes.isAsked(handle))) return;
  const planned = await plan(needs.cluster, spec, signal);
  const { order } = planned;
  await notes.begin(handle, order);
  const state = await folderOf(order).make(await filesFor(needs.cluster, spec, order), signal);
  if (state === "over") return;
  if (state === "made") needs.made.add(handle);
  else if (await isListed(needs, handle, signal)) return;
  const id = await submit(needs.cluster, spec, planned, signal);
  await notes.take(handle, { id, at: now() });
  if (await notes.isAsked(handle)) await slurm.cancel(id, order.account, signal);
}

/** Somebody else has made the folder, or we did before we were stopped: is there a job by now? */
async function isListed(
  { cluster, fresh, made }: LaunchNeeds,
  handle: string,
  signal: CancelSignal,
): Promise<boolean> {
  const { notes, now } = cluster;
  const isOurTurn = made.has(handle) || (await notes.job(handle)) !== null;
  for (const until = now() + (isOurTurn ? 0 : othersTake); ; await sleep(200)) {
    const { jobs, asOf } = await fresh(signal);
    const job = jobs.get(handle);
    if (job !== undefined) {
      await notes.take(handle, { id: job.id, at: now() });
      return true;
    }
    if (asOf >= until) return false;
  }
}

async function submit(
  cluster: Cluster,
  spec: LaunchSpec,
  { order, submission }: Plan,
  signal: CancelSignal,
): Promise<number> {
  try {
    return await cluster.slurm.submit(submission, signal);
  } catch (error) {
    if (error instanceof Rejected) await takeBack(cluster, spec, order, signal);
    throw error;
  }
}

/** Nothing stays of what was refused. */
async function takeBack(
  { site, notes, folderOf }: Cluster,
  spec: LaunchSpec,
  order: Plan["order"],
  signal: CancelSignal,
): Promise<void> {
  await site.tunnels.revoke(spec);
  await notes.forget(handleOf(spec));
  await folderOf(order)
    .remove(signal)
    .catch((error: unknown) =>
      site.log.warn({ err: error, folder: order.folder }, "a refused session's folder stays"),
    );
}
