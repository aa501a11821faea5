/** Runs `work` on each item, at most `atOnce` at a time; fails with the first failure, after the others have ended. */
export async function eachOf<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Work of one key goes one after another, of different keys side by side, up to a number. */
export class KeyedTurns {
  readonly #atOnce: number;
  readonly #last = new Map<string, Promise<void>>();
  #failure: { readonly error: unknown } | null = null;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Waits for room only; how it went shows in {@link settled} or {@link demandWell}. */
  async take(key: string, work: () => Promise<void>): Promise<void> {
    while (this.#last.size >= this.#atOnce && !this.#last.has(key)) await Promise.race(this.#last.values());
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn: Promise<void> = before.then(work).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    const ended = turn.then(() => {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    });
    this.#last.set(key, ended);
  }

  /** Settles when all that was taken has ended. @throws the first failure. */
  async settled(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
    await this.demandWell();
  }

  /** @throws the first failure so far, once. */
  async demandWell(): Promise<void> {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }
}
