import { type CancelSignal, type Seen, type Sighting, Unavailable } from "@endstation/core";
import type { Census } from "./census.ts";

/** Between two lists, however often somebody needs a fresh one, in milliseconds. */
const leastPause = 1_000;

interface Waiting {
  resolve(census: Census): void;
  reject(error: unknown): void;
}

/**
 * One list for everybody: taken every few seconds while anybody observes, sooner where somebody needs one that begins
 * after she asked. Whoever observes is told every list, and what is found out between two.
 */
export class Watch {
  readonly #take: (signal: CancelSignal) => Promise<Census>;
  readonly #pause: number;
  readonly #observers = new Set<Inbox>();
  readonly #closing = new AbortController();
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isTaking = false;
  #lastBegan = Number.NEGATIVE_INFINITY;
  #latest: Census | null = null;

  /** `pause` in milliseconds. */
  constructor(take: (signal: CancelSignal) => Promise<Census>, pause: number) {
    this.#take = take;
    this.#pause = pause;
  }

  get isObserved(): boolean {
    return this.#observers.size > 0;
  }

  get latest(): Census | null {
    return this.#latest;
  }

  /** The next list that begins from now on. @throws Unavailable */
  fresh(signal: CancelSignal): Promise<Census> {
    const { promise, resolve, reject } = Promise.withResolvers<Census>();
    const abort = () => reject(new Unavailable("called off"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    this.#waiting.push({ resolve, reject });
    this.#schedule();
    return promise.finally(() => signal.removeEventListener("abort", abort));
  }

  async *observe(signal: CancelSignal): AsyncGenerator<Sighting> {
    if (signal.aborted) return;
    const inbox = new Inbox(signal);
    try {
      const { asOf, seen } = await this.fresh(signal).catch((error: unknown) => {
        if (signal.aborted) return { asOf: 0, seen: [] };
        throw error;
      });
      if (signal.aborted) return;
      this.#observers.add(inbox);
      this.#schedule();
      yield { type: "all", asOf, seen };
      yield* inbox.read();
    } finally {
      this.#observers.delete(inbox);
      inbox.close();
    }
  }

  /** Tells what was found out between two lists. */
  tell(seen: Seen, asOf: number): void {
    for (const inbox of this.#observers) inbox.put({ type: "change", asOf, seen });
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer ?? undefined);
    this.#failAll(this.#waiting.splice(0), new Unavailable("closed"));
  }

  #schedule(): void {
    if (this.#isTaking || this.#closing.signal.aborted) return;
    clearTimeout(this.#timer ?? undefined);
    if (this.#waiting.length === 0 && !this.isObserved) return;
    const due = this.#lastBegan + (this.#waiting.length > 0 ? leastPause : this.#pause);
    this.#timer = setTimeout(() => void this.#list(), Math.max(0, due - performance.now()));
  }

  async #list(): Promise<void> {
    this.#isTaking = true;
    this.#lastBegan = performance.now();
    const waiting = this.#waiting.splice(0);
    try {
      const census = await this.#take(this.#closing.signal);
      this.#latest = census;
      for (const one of waiting) one.resolve(census);
      for (const inbox of this.#observers) inbox.put({ type: "all", asOf: census.asOf, seen: census.seen });
    } catch (error) {
      this.#failAll(waiting, error);
    } finally {
      this.#isTaking = false;
      this.#schedule();
    }
  }

  #failAll(waiting: readonly Waiting[], error: unknown): void {
    const told =
      error instanceof Unavailable ? error : new Unavailable((error as Error).message, { cause: error });
    for (const one of waiting) one.reject(told);
    for (const inbox of this.#observers) inbox.fail(told);
  }
}

/** What one observer has not read yet. */
class Inbox {
  readonly #signal: CancelSignal;
  readonly #ring = (): void => this.#rung.resolve();
  #rung = Promise.withResolvers<void>();
  #items: Sighting[] = [];
  #error: Unavailable | null = null;

  constructor(signal: CancelSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#ring);
  }

  /** A new full list makes everything before it old news. */
  put(item: Sighting): void {
    this.#items = item.type === "all" ? [item] : [...this.#items, item];
    this.#ring();
  }

  fail(error: Unavailable): void {
    this.#error = error;
    this.#ring();
  }

  async *read(): AsyncGenerator<Sighting> {
    while (!this.#signal.aborted) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#error !== null) throw this.#error;
      else await this.#rings();
    }
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#ring);
  }

  async #rings(): Promise<void> {
    await this.#rung.promise;
    this.#rung = Promise.withResolvers<void>();
  }
}
