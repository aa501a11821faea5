import type { Observation } from "@endstation/core";
import { handleIfOurs } from "./census.ts";
import type { Cluster } from "./cluster.ts";
import { startOf } from "./names.ts";
import { settle } from "./settling.ts";
import type { Watch } from "./watching.ts";

/** When a session that starts or ends is looked at by itself, in milliseconds: between two lists, and not more often. */
const moments = [1_000, 2_500, 5_000];

/** Follows single sessions until they are what they are to become, and tells whoever observes. */
export class Looks {
  readonly #cluster: Cluster;
  readonly #watch: Watch;
  readonly #closing = new AbortController();
  readonly #following = new Map<string, NodeJS.Timeout[]>();

  constructor(cluster: Cluster, watch: Watch) {
    this.#cluster = cluster;
    this.#watch = watch;
  }

  follow(handle: string, until: Observation["state"]): void {
    this.#stop(handle);
    const timers = moments.map((moment) =>
      setTimeout(() => void this.#look(handle, until).catch(() => {}), moment).unref(),
    );
    this.#following.set(handle, timers);
  }

  close(): void {
    this.#closing.abort();
    for (const handle of this.#following.keys()) this.#stop(handle);
  }

  async #look(handle: string, until: Observation["state"]): Promise<void> {
    const { notes, slurm, now } = this.#cluster;
    const start = startOf(handle);
    const taken = await notes.job(handle);
    if (!this.#watch.isObserved || start === null || taken === null) return;
    const asOf = now();
    const job = await slurm.job(taken.id, this.#closing.signal);
    if (job === null || (await handleIfOurs(this.#cluster, job)) !== handle) return;
    const seen = await settle(this.#cluster, start, job, this.#closing.signal);
    if (seen.observation.state === until) this.#stop(handle);
    this.#watch.tell(seen, asOf);
  }

  #stop(handle: string): void {
    for (const timer of this.#following.get(handle) ?? []) clearTimeout(timer);
    this.#following.delete(handle);
  }
}
