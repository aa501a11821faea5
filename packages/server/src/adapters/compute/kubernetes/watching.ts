import { setTimeout as sleep } from "node:timers/promises";
import { type CancelSignal, type Seen, type Sighting, Unavailable } from "@endstation/core";
import { Inbox } from "./inbox.ts";
import type { Keeper } from "./keeping.ts";
import { attemptOf, label } from "./names.ts";
import type { Pod, WatchEvent } from "./schema.ts";
import type { Site } from "./site.ts";
import { observationOf, observationOfDeleted } from "./status.ts";

/** Milliseconds between two lists, however many ask for one. */
const listsApart = 1_000;
/** Milliseconds for which a list is gone on from: a net below the watch, should it miss something. */
const listGoodFor = 300_000;
/** Milliseconds for which the end of a pod that was deleted is told. */
const rememberFor = 600_000;

/**
 * Our pods, by one list and one watch that goes on from it, however many observe. Whoever comes gets a list that was asked
 * for after that. When the cluster cannot be asked all are told so, and it is theirs to come again.
 */
export class Watch {
  readonly #site: Site;
  readonly #keeper: Keeper;
  readonly #inboxes = new Set<Inbox>();
  readonly #pods = new Map<string, Pod>();
  readonly #deleted = new Map<string, { readonly seen: Seen; readonly at: number }>();
  /** What was told last of each, as JSON. */
  readonly #told = new Map<string, string>();
  #listDue = new AbortController();
  #listedAt = Number.NEGATIVE_INFINITY;
  #isRunning = false;

  constructor(site: Site, keeper: Keeper) {
    this.#site = site;
    this.#keeper = keeper;
  }

  async *observe(signal: CancelSignal): AsyncGenerator<Sighting> {
    if (signal.aborted) return;
    const inbox = new Inbox(signal);
    this.#inboxes.add(inbox);
    const waiting = setTimeout(() => inbox.hasList || this.#listDue.abort(), this.#pauseLeft());
    if (!this.#isRunning) void this.#run();
    try {
      yield* inbox.items();
    } finally {
      clearTimeout(waiting);
      inbox.close();
      this.#inboxes.delete(inbox);
      if (this.#inboxes.size === 0) this.#listDue.abort();
    }
  }

  /** As they are now; null while nobody observes. */
  pods(): readonly Pod[] | null {
    return this.#isRunning ? [...this.#pods.values()] : null;
  }

  /** Of which kind a session is; null: its pod has not been seen yet. */
  kindOf(handle: string): string | null {
    return this.#pods.get(handle)?.metadata.labels[label.kind] ?? null;
  }

  /** Whether it is known to have ended. */
  isGone(handle: string): boolean {
    const pod = this.#pods.get(handle);
    return this.#deleted.has(handle) || (pod !== undefined && observationOf(pod).state === "gone");
  }

  /** Tells what is seen otherwise although the pod has not changed. */
  lookAgain(): void {
    for (const pod of this.#pods.values()) this.#tell(this.#seenOf(pod));
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#inboxes.size > 0) await this.#follow(await this.#list());
    } catch (error) {
      const { message } = error as Error;
      for (const inbox of this.#inboxes) inbox.fail(new Unavailable(message, { cause: error }));
      this.#inboxes.clear();
    } finally {
      this.#isRunning = false;
    }
  }

  /** Answers the version from which a watch goes on. */
  async #list(): Promise<string> {
    await sleep(this.#pauseLeft());
    const due = [...this.#inboxes];
    this.#listDue = new AbortController();
    this.#listedAt = performance.now();
    const asOf = this.#site.now();
    const { version, pods } = await this.#site.cluster.pods({ [label.owner]: this.#site.owner });
    this.#replace(pods);
    const seen = this.#all();
    for (const inbox of due) inbox.put({ type: "all", asOf, seen });
    return version;
  }

  #pauseLeft(): number {
    return Math.max(0, this.#listedAt + listsApart - performance.now());
  }

  /** Returns when a list is due. */
  async #follow(version: string): Promise<void> {
    const due = this.#listDue.signal;
    let from: string | null = version;
    while (from !== null && !due.aborted && performance.now() - this.#listedAt < listGoodFor)
      from = await this.#watch(from, due);
  }

  /** Answers the version from which to go on; null: the cluster has forgotten it. */
  async #watch(from: string, due: AbortSignal): Promise<string | null> {
    const { cluster, owner } = this.#site;
    let version = from;
    try {
      for await (const event of cluster.watchPods({ [label.owner]: owner }, from, due)) {
        if (event.type === "ERROR") return null;
        version = event.object.metadata.resourceVersion;
        if (event.type !== "BOOKMARK") this.#take(event);
      }
    } catch (error) {
      if (!due.aborted) throw error;
    }
    return version;
  }

  #take({ type, object }: Exclude<WatchEvent, { type: "ERROR" | "BOOKMARK" }>): void {
    const seen = type === "DELETED" ? this.#forget(object) : this.#keep(object);
    this.#tell(seen);
  }

  #replace(pods: readonly Pod[]): void {
    const limit = performance.now() - rememberFor;
    for (const [name, { at }] of this.#deleted) if (at < limit) this.#deleted.delete(name);
    const names = new Set(pods.map((pod) => pod.metadata.name));
    for (const pod of [...this.#pods.values()]) if (!names.has(pod.metadata.name)) this.#forget(pod);
    for (const pod of pods) this.#keep(pod);
  }

  #keep(pod: Pod): Seen | null {
    this.#pods.set(pod.metadata.name, pod);
    const seen = this.#seenOf(pod);
    if (seen !== null) this.#keeper.see(pod, seen);
    return seen;
  }

  #forget(pod: Pod): Seen | null {
    const { name } = pod.metadata;
    const of = attemptOf(name, this.#site.owner);
    this.#pods.delete(name);
    if (of === null) return null;
    const seen: Seen = { ...of, handle: name, observation: observationOfDeleted(pod) };
    this.#deleted.set(name, { seen, at: performance.now() });
    this.#keeper.see(pod, seen);
    return seen;
  }

  #all(): readonly Seen[] {
    const there = [...this.#pods.values()].map((pod) => this.#seenOf(pod)).filter((seen) => seen !== null);
    const deleted = [...this.#deleted.values()].filter(({ seen }) => !this.#pods.has(seen.handle));
    const all = [...there, ...deleted.map(({ seen }) => seen)];
    this.#told.clear();
    for (const seen of all) this.#told.set(seen.handle, JSON.stringify(seen));
    return all;
  }

  #tell(seen: Seen | null): void {
    if (seen === null) return;
    const text = JSON.stringify(seen);
    if (this.#told.get(seen.handle) === text) return;
    this.#told.set(seen.handle, text);
    const asOf = this.#site.now();
    for (const inbox of this.#inboxes) inbox.put({ type: "change", asOf, seen });
  }

  /** Null: it has our label and is none of ours all the same. */
  #seenOf(pod: Pod): Seen | null {
    const { name } = pod.metadata;
    const of = attemptOf(name, this.#site.owner);
    const observation = observationOf(pod, this.#keeper.complaintOf(pod));
    return of === null ? null : { ...of, handle: name, observation };
  }
}
