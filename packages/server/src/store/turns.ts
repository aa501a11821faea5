/** Work under one name happens one after another, under different names side by side. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Waits for the turn, then does it. */
  async take<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#last.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(name) === turn) this.#last.delete(name);
    }
  }
}
