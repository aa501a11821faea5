import { type FSWatcher, watch } from "node:fs";
import type { CancelSignal, Seen, Sighting } from "@endstation/core";
import { clearUp } from "./ending.ts";
import { partsOf } from "./folders.ts";
import type { Order } from "./order.ts";
import { isAlive } from "./processes.ts";
import { listHandles, readPart } from "./records.ts";
import type { Site } from "./site.ts";
import { type End, observationOf, waiting } from "./status.ts";

/** Supervisors tell of an end themselves; only one that was killed must be missed. */
const lookEvery = 500;

interface Known {
  readonly order: Order;
  end: End | null;
}

/** What this process has read already: orders never change, and an end is for good. */
export class Watch {
  readonly #site: Site;
  readonly #known = new Map<string, Known>();

  constructor(site: Site) {
    this.#site = site;
  }

  /** Everything of ours that was taken on, running or ended. */
  async all(): Promise<Seen[]> {
    const handles = await listHandles(this.#site.folders);
    for (const handle of this.#known.keys()) if (!handles.includes(handle)) this.#known.delete(handle);
    const queue = (await this.queued()).map(({ handle }) => handle);
    const seen = await Promise.all(handles.map((handle) => this.#seen(handle, queue)));
    return seen.filter((one) => one !== null);
  }

  /** One of them; null where no supervisor has taken it on yet. */
  async look(handle: string): Promise<Seen | null> {
    return this.#seen(handle, []);
  }

  async #seen(handle: string, queue: readonly string[]): Promise<Seen | null> {
    const parts = partsOf(handle);
    const known = await this.#read(handle);
    if (parts === null || known === null) return null;
    const { order } = known;
    const ahead = queue.indexOf(handle);
    if (known.end === null && !(await this.#supervised(handle, known)))
      return ahead === -1 ? null : { ...parts, handle, observation: waiting(ahead) };
    return { ...parts, handle, observation: observationOf({ end: known.end, memoryMiB: order.memoryMiB }) };
  }

  /** What was ordered; null for what was not, or is no name of ours. */
  async order(handle: string): Promise<Order | null> {
    return partsOf(handle) === null ? null : ((await this.#read(handle))?.order ?? null);
  }

  /** Orders of all that run or are about to; what waits for its turn takes no place. */
  async running(): Promise<Order[]> {
    const live = await this.#live();
    return live.filter(({ isWaiting }) => !isWaiting).map(({ order }) => order);
  }

  /** Batch sessions that wait for their turn, whoever waited longest first. */
  async queued(): Promise<{ readonly handle: string; readonly order: Order }[]> {
    const waiting = (await this.#live()).filter(({ isWaiting }) => isWaiting);
    return waiting.sort(
      (a, b) => (a.order.queuedAt ?? 0) - (b.order.queuedAt ?? 0) || (a.handle < b.handle ? -1 : 1),
    );
  }

  async #live(): Promise<{ handle: string; order: Order; isWaiting: boolean }[]> {
    const handles = await listHandles(this.#site.folders);
    const found = await Promise.all(
      handles.map(async (handle) => {
        const known = await this.#read(handle);
        if (known === null || known.end !== null) return [];
        const { order } = known;
        return [{ handle, order, isWaiting: isQueued(order) && !(await this.#hasBegun(handle)) }];
      }),
    );
    return found.flat();
  }

  async #hasBegun(handle: string): Promise<boolean> {
    return (await readPart(this.#site.folders, handle, "supervisor.json")) !== null;
  }

  async #read(handle: string): Promise<Known | null> {
    const known = this.#known.get(handle) ?? (await this.#first(handle));
    if (known !== null && known.end === null)
      known.end = await readPart(this.#site.folders, handle, "end.json");
    return known;
  }

  async #first(handle: string): Promise<Known | null> {
    const order = await readPart(this.#site.folders, handle, "order.json");
    if (order === null) return null;
    const known = { order, end: null };
    this.#known.set(handle, known);
    return known;
  }

  /** Clears up behind a supervisor that was killed. */
  async #supervised(handle: string, known: Known): Promise<boolean> {
    const { folders } = this.#site;
    const supervisor = await readPart(folders, handle, "supervisor.json");
    if (supervisor === null) return false;
    if (await isAlive(supervisor)) return true;
    known.end = await readPart(folders, handle, "end.json");
    if (known.end === null) {
      await clearUp(this.#site, handle, known.order, false);
      known.end = await readPart(folders, handle, "end.json");
    }
    return known.end !== null;
  }
}

/** First all, then each change; another full list when something is no longer there. Whose turn has come is begun first. */
export async function* observe(
  site: Site,
  known: Watch,
  advance: () => Promise<void>,
  signal: CancelSignal,
): AsyncGenerator<Sighting> {
  const { clock } = site.options;
  if (signal.aborted) return;
  const bell = new Bell(site.folders.changes, signal);
  try {
    await advance();
    let asOf = clock.now();
    let before = await known.all();
    yield { type: "all", asOf, seen: before };
    while (await bell.rings()) {
      await advance();
      asOf = clock.now();
      const after = await known.all();
      yield* difference(before, after, asOf);
      before = after;
    }
  } finally {
    bell.close();
  }
}

/** What an observer who knows `before` must be told. */
export function difference(before: readonly Seen[], after: readonly Seen[], asOf: number): Sighting[] {
  const earlier = new Map(before.map((seen) => [seen.handle, wordsOf(seen)]));
  const handles = new Set(after.map((seen) => seen.handle));
  if (before.some((seen) => !handles.has(seen.handle))) return [{ type: "all", asOf, seen: after }];
  return after
    .filter((seen) => earlier.get(seen.handle) !== wordsOf(seen))
    .map((seen) => ({ type: "change", asOf, seen }));
}

function wordsOf({ observation }: Seen): string {
  return observation.state === "queued" ? observation.waiting.reason : observation.state;
}

/** Orders from before batch sessions do not say. */
function isQueued({ queuedAt }: Partial<Pick<Order, "queuedAt">>): boolean {
  return typeof queuedAt === "number";
}

/** Rings when a supervisor tells of a change, and from time to time by itself; no more once the signal is raised. */
class Bell {
  readonly #signal: CancelSignal;
  readonly #watcher: FSWatcher | null;
  readonly #timer: NodeJS.Timeout;
  readonly #ring = (): void => this.#heard.resolve();
  #heard = Promise.withResolvers<void>();

  constructor(folder: string, signal: CancelSignal) {
    this.#signal = signal;
    this.#watcher = watchFolder(folder, this.#ring);
    this.#timer = setInterval(this.#ring, lookEvery);
    signal.addEventListener("abort", this.#ring);
  }

  async rings(): Promise<boolean> {
    if (!this.#signal.aborted) await this.#heard.promise;
    this.#heard = Promise.withResolvers<void>();
    return !this.#signal.aborted;
  }

  close(): void {
    this.#watcher?.close();
    clearInterval(this.#timer);
    this.#signal.removeEventListener("abort", this.#ring);
  }
}

/** A machine whose watches are used up is looked at from time to time only. */
function watchFolder(folder: string, changed: () => void): FSWatcher | null {
  try {
    return watch(folder, { persistent: false }, changed).on("error", () => {});
  } catch {
    return null;
  }
}
