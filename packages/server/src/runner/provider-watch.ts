import type { Duplex } from "node:stream";
import type { ComputeProvider } from "@endstation/core";
import { giveLeaseBack, takeLease } from "../store/leases.ts";
import { type Loop, startLoop } from "./loop.ts";
import { Observer } from "./observer.ts";
import { Prober } from "./prober.ts";
import type { Stage } from "./stage.ts";

/** What runs while the lease is ours. */
interface Watch {
  readonly prober: Prober;
  readonly observing: Promise<void>;
  readonly cancel: AbortController;
}

/** Observes and probes one provider while this process, of all replicas, has the lease for it. */
export class ProviderWatch {
  readonly #stage: Stage;
  readonly #name: string;
  readonly #provider: ComputeProvider<Duplex>;
  readonly #leasing: Loop;
  #watch: Watch | null = null;
  #lastRenewed = 0;

  constructor(stage: Stage, name: string, provider: ComputeProvider<Duplex>) {
    this.#stage = stage;
    this.#name = name;
    this.#provider = provider;
    const { pace, log } = stage;
    this.#leasing = startLoop({
      name: `lease of ${name}`,
      every: pace.lease / 3,
      pace,
      log,
      work: () => this.#renew(),
    });
  }

  wake(): void {
    this.#watch?.prober.wake();
  }

  async stop(): Promise<void> {
    await this.#leasing.stop();
    await this.#end();
    const { database, owner, log } = this.#stage;
    await giveLeaseBack(database, this.#leaseName, owner).catch((error: unknown) =>
      log.warn({ err: error }, "a lease could not be given back; it ends by itself"),
    );
  }

  get #leaseName(): string {
    return `provider:${this.#name}`;
  }

  async #renew(): Promise<void> {
    const { database, owner, pace } = this.#stage;
    try {
      const asked = performance.now();
      const isOurs = await takeLease(database, this.#leaseName, owner, pace.lease);
      if (isOurs) this.#lastRenewed = asked;
      if (isOurs && this.#watch === null) this.#begin();
      if (!isOurs) await this.#end();
    } catch (error) {
      if (performance.now() - this.#lastRenewed > pace.lease) await this.#end();
      throw error;
    }
  }

  #begin(): void {
    this.#stage.log.debug({ provider: this.#name }, "observing");
    const cancel = new AbortController();
    const observer = new Observer(this.#stage, this.#name, this.#provider, cancel.signal);
    const observing = observer.run().catch((error: unknown) => {
      this.#stage.log.error({ err: error, provider: this.#name }, "observing ended");
    });
    this.#watch = { prober: new Prober(this.#stage, this.#name, this.#provider), observing, cancel };
  }

  async #end(): Promise<void> {
    const watch = this.#watch;
    this.#watch = null;
    if (watch === null) return;
    watch.cancel.abort();
    await Promise.all([watch.prober.stop(), watch.observing]);
  }
}
