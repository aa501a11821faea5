import type { Cause, Seen } from "@endstation/core";
import { end } from "./ending.ts";
import { label } from "./names.ts";
import { givenUp, isPlaceReady, neverBegins, troubleOf } from "./pending.ts";
import type { Pod } from "./schema.ts";
import { podNamed, type Site } from "./site.ts";
import { endedAt, hasBegun, isOver } from "./status.ts";

const second = 1_000;
const hour = 3_600 * second;
/** How long a pod has been on its node without beginning when its events are looked up, each time. */
const lookUpAfter = [8 * second, 60 * second, 300 * second];
/** How long trouble is borne before the pod is ended: what a node can mend, it has mended by then. */
const borneFor = 300 * second;
/** Pods that are tidied away in one round. */
const tidiedAtOnce = 10;

interface Starting {
  readonly since: number;
  lookUps: number;
  /** What the cluster complained of last. */
  complaint: string | null;
}

/** What has to be done about pods: find out why one does not begin, end what never will, close ways in, tidy up. */
export class Keeper {
  readonly #site: Site;
  readonly #starting = new Map<string, Starting>();
  /** Handles whose way in is closed, and those of pods that are being ended. */
  readonly #closed = new Set<string>();
  readonly #ending = new Set<string>();

  constructor(site: Site) {
    this.#site = site;
  }

  /** Told of each pod whenever it is seen. */
  see(pod: Pod, { handle, sessionId, attempt, observation }: Seen): void {
    if (observation.state === "gone")
      this.#once(this.#closed, handle, () => this.#site.tunnels.revoke({ sessionId, attempt }));
    const cause = observation.state === "queued" ? neverBegins(pod) : null;
    if (cause !== null) this.#end(pod, cause);
  }

  /** What the cluster says of a pod besides its state. */
  complaintOf(pod: Pod): string | null {
    return isPlaceReady(pod) ? null : (this.#starting.get(pod.metadata.uid)?.complaint ?? null);
  }

  /** From time to time, with all pods. */
  async round(pods: readonly Pod[]): Promise<void> {
    const starting = pods.filter((pod) => pod.spec.nodeName !== undefined && !isOver(pod) && !hasBegun(pod));
    const uids = new Set(starting.map((pod) => pod.metadata.uid));
    for (const uid of this.#starting.keys()) if (!uids.has(uid)) this.#starting.delete(uid);
    for (const pod of starting) await this.#lookInto(pod);
    const until = this.#site.now() - this.#site.config.keepEndedHours * hour;
    const old = pods.filter((pod) => isOver(pod) && endedAt(pod) < until);
    for (const pod of old.slice(0, tidiedAtOnce)) await this.#site.cluster.deletePod(pod.metadata);
  }

  async #lookInto(pod: Pod): Promise<void> {
    const { uid } = pod.metadata;
    const known = this.#starting.get(uid) ?? { since: performance.now(), lookUps: 0, complaint: null };
    this.#starting.set(uid, known);
    const age = performance.now() - known.since;
    if (age >= (lookUpAfter[known.lookUps] ?? Number.POSITIVE_INFINITY)) {
      known.lookUps += 1;
      known.complaint = await this.#site.cluster.lastWarning(uid);
    }
    const trouble = troubleOf(pod, this.complaintOf(pod));
    if (trouble !== null && age >= borneFor) this.#end(pod, givenUp(trouble));
  }

  #end({ metadata: { name, labels } }: Pod, cause: Cause): void {
    const { cluster, log } = this.#site;
    const look = () => podNamed(this.#site, name, labels[label.session] ?? "");
    this.#once(this.#ending, name, () => {
      log.warn({ pod: name, cause }, "it will never begin; it is ended");
      return end(cluster, look, cause);
    });
  }

  /** Does it once for a handle, and again when that failed and it is seen again. */
  #once(done: Set<string>, handle: string, work: () => Promise<void>): void {
    if (done.has(handle)) return;
    done.add(handle);
    work().catch((error: unknown) => {
      done.delete(handle);
      this.#site.log.warn({ pod: handle, error: (error as Error).message }, "not done yet; tried again");
    });
  }
}
