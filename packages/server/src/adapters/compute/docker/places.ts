import { type Flavour, type Offer, Rejected } from "@endstation/core";
import { offerOf } from "./offers.ts";
import type { Site } from "./site.ts";
import { aliveAs } from "./status.ts";

/** For how long offers may build on one listing: a page of plans asks for many at once. */
const recent = 1_000;

/** Which places our own sessions take. */
export class Places {
  readonly #site: Site;
  /** Sessions that this process is starting. */
  readonly #taking = new Map<string, Flavour>();
  #turn: Promise<unknown> = Promise.resolve();
  #listed: { readonly at: number; readonly handles: Promise<readonly string[]> } | null = null;

  constructor(site: Site) {
    this.#site = site;
  }

  async offer(flavour: Flavour): Promise<Offer> {
    if (this.#listed === null || performance.now() > this.#listed.at + recent)
      this.#listed = { at: performance.now(), handles: this.#alive() };
    return this.#offer(flavour, await this.#listed.handles);
  }

  /** Takes a place for a session that is about to be started. One at a time, so that two do not take the last. @throws Rejected */
  take(handle: string, flavour: Flavour): Promise<void> {
    const turn = this.#turn.then(async () => {
      // Asked for twice at once, it does not stand in its own way.
      const offer = await this.#offer(flavour, await this.#alive(), handle);
      if (!offer.fits) throw new Rejected(offer.code, offer.detail);
      this.#taking.set(handle, flavour);
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** From when on the engine or the waiting room has it, or it came to nothing. */
  release(handle: string): void {
    this.#taking.delete(handle);
  }

  async #offer(flavour: Flavour, alive: readonly string[], except?: string): Promise<Offer> {
    const { capacity } = await this.#site.machine();
    const taken = new Map(this.#taking);
    for (const handle of alive) {
      const order = await this.#site.records.order(handle);
      if (order !== null) taken.set(handle, order.flavour);
    }
    if (except !== undefined) taken.delete(except);
    return offerOf(flavour, capacity, [...taken.values()]);
  }

  async #alive(): Promise<readonly string[]> {
    const { engine, records } = this.#site;
    const [containers, waiting] = await Promise.all([engine.list(), records.allWaiting()]);
    return [
      ...containers
        .filter(({ State }) => aliveAs(State) !== null)
        .map(({ Names }) => Names[0]?.slice(1) ?? ""),
      ...[...waiting].filter(([, { refused }]) => refused === null).map(([handle]) => handle),
    ];
  }
}
