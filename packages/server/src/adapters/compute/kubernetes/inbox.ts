import type { CancelSignal, Sighting } from "@endstation/core";

/** What one observer is told, in order, until its signal is raised or nothing can be told any more. */
export class Inbox {
  readonly #signal: CancelSignal;
  readonly #items: Sighting[] = [];
  readonly #ring = (): void => this.#heard.resolve();
  #heard = Promise.withResolvers<void>();
  #failure: Error | null = null;
  /** Changes mean nothing to whoever has no list yet. */
  #hasList = false;

  constructor(signal: CancelSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#ring);
  }

  get hasList(): boolean {
    return this.#hasList;
  }

  put(sighting: Sighting): void {
    if (sighting.type === "all") this.#hasList = true;
    if (!this.#hasList) return;
    this.#items.push(sighting);
    this.#ring();
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#ring();
  }

  async *items(): AsyncGenerator<Sighting> {
    while (!this.#signal.aborted) {
      const next = this.#items.shift();
      if (next !== undefined) yield next;
      else if (this.#failure !== null) throw this.#failure;
      else {
        await this.#heard.promise;
        this.#heard = Promise.withResolvers<void>();
      }
    }
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#ring);
  }
}
