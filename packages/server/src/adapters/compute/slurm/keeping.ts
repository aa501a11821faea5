import type { CancelSignal } from "@endstation/core";
import type { Census } from "./census.ts";
import type { Cluster } from "./cluster.ts";

const hour = 3_600_000;

/** Removes the folders, logs and notes of what ended long ago, or was lost then. */
export async function tidy(cluster: Cluster, { jobs, asOf }: Census, signal: CancelSignal): Promise<void> {
  const { notes, config, site, folderOf } = cluster;
  for (const handle of await notes.handles()) {
    if (jobs.has(handle)) continue;
    const [end, job, order] = [await notes.end(handle), await notes.job(handle), await notes.order(handle)];
    const last = end?.at ?? job?.at ?? order?.at ?? 0;
    if (asOf - last < config.keepEndedHours * hour) continue;
    try {
      if (order !== null) await folderOf(order).remove(signal);
      await notes.forget(handle);
    } catch (error) {
      site.log.warn({ err: error, handle }, "what is left of an ended session cannot be removed");
    }
  }
}
