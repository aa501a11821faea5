import { setTimeout as sleep } from "node:timers/promises";
import { type Cause, Rejected, type Seen } from "@endstation/core";
import type { Order } from "./container.ts";
import { attemptOf } from "./names.ts";
import { Pulls } from "./pulls.ts";
import type { Waiting } from "./records.ts";
import type { Site } from "./site.ts";
import { begin } from "./starting.ts";

const minute = 60_000;
const pause = 2_000;
const lookEvery = 5_000;

/**
 * Sessions whose image the engine does not have. Who waits stands on the disk, and each portal of this machine does what
 * there is to do for all of them: a pull that ended with a portal or with the engine is begun again, and of the same pull
 * asked for by several the engine makes one.
 */
export class WaitingRoom {
  readonly #site: Site;
  readonly #changed: (handle: string) => void;
  readonly #pulls: Pulls;
  /** By session: calls this process's work for it off. */
  readonly #attended = new Map<string, AbortController>();
  /** What stands in the way at the moment. */
  readonly #trouble = new Map<string, string>();
  readonly #looking: NodeJS.Timeout;
  #closed = false;

  /** `changed` is told of each session of which something new can be seen. */
  constructor(site: Site, changed: (handle: string) => void) {
    this.#site = site;
    this.#changed = changed;
    this.#pulls = new Pulls(site, () => this.#tellAll());
    const look = () => void this.all().catch(() => {});
    this.#looking = setInterval(look, lookEvery).unref();
    look();
  }

  async enter(handle: string): Promise<void> {
    const { records } = this.#site;
    if ((await records.waiting(handle)) === null)
      await records.setWaiting(handle, { since: Date.now(), refused: null });
    this.#attend(handle);
  }

  async leave(handle: string): Promise<void> {
    await this.#site.records.endWaiting(handle);
    this.#attended.get(handle)?.abort();
  }

  /** Everybody who waits or was refused; attends to those whom another portal may have left. */
  async all(): Promise<Seen[]> {
    const waiting = [...(await this.#site.records.allWaiting())];
    for (const [handle, { refused }] of waiting) if (refused === null) this.#attend(handle);
    const seen = await Promise.all(waiting.map(([handle, one]) => this.#seen(handle, one)));
    return seen.filter((one) => one !== null);
  }

  /** Null: it does not wait. */
  async look(handle: string): Promise<Seen | null> {
    const waiting = await this.#site.records.waiting(handle);
    return waiting === null ? null : this.#seen(handle, waiting);
  }

  /** Has the engine get an image, unless it has it. */
  async prepare(image: string): Promise<void> {
    if ((await this.#site.engine.image(image)) === null)
      await this.#pulls.pull(image, new AbortController().signal);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#looking);
    this.#pulls.close();
    for (const attending of this.#attended.values()) attending.abort();
  }

  async #seen(handle: string, { refused }: Waiting): Promise<Seen | null> {
    const { owner, records } = this.#site;
    const of = attemptOf(owner, handle);
    if (of === null) return null;
    if (refused !== null)
      return { ...of, handle, observation: { state: "gone", exitCode: null, cause: refused } };
    const image = (await records.order(handle))?.image ?? "";
    const reason = this.#trouble.get(handle) ?? this.#pulls.progressOf(image);
    return { ...of, handle, observation: { state: "queued", waiting: { reason, estimateSeconds: null } } };
  }

  /** A pull goes on. */
  #tellAll(): void {
    this.#trouble.clear();
    for (const handle of this.#attended.keys()) this.#changed(handle);
  }

  #attend(handle: string): void {
    if (this.#closed || this.#attended.has(handle)) return;
    const stop = new AbortController();
    this.#attended.set(handle, stop);
    this.#changed(handle);
    void this.#seeThrough(handle, stop.signal)
      .catch((error: Error) =>
        this.#site.log.warn({ handle, error: error.message }, "a session waits in vain"),
      )
      .finally(() => {
        this.#attended.delete(handle);
        this.#trouble.delete(handle);
        if (!this.#closed) this.#changed(handle);
      });
  }

  /** Until it has begun, is refused, or is called off. */
  async #seeThrough(handle: string, signal: AbortSignal): Promise<void> {
    const { records, config } = this.#site;
    const [waiting, order] = [await records.waiting(handle), await records.order(handle)];
    if (waiting === null || waiting.refused !== null || order === null) return;
    const until = waiting.since + config.pullWithinMinutes * minute;
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, until - Date.now()))]);
    for (;;) {
      const outcome = await this.#tryOnce(handle, order, inTime);
      if (signal.aborted) return;
      if (outcome === "begun") return this.#done(handle);
      if (outcome !== "later") return records.setWaiting(handle, { ...waiting, refused: outcome });
    }
  }

  /** Another portal may have refused it. */
  async #done(handle: string): Promise<void> {
    const { records } = this.#site;
    if ((await records.waiting(handle))?.refused === null) await records.endWaiting(handle);
  }

  async #tryOnce(handle: string, order: Order, inTime: AbortSignal): Promise<"begun" | "later" | Cause> {
    try {
      const begun = await begin(this.#site, handle, order);
      if (begun !== "no-image") return begun;
      await this.#pulls.pull(order.image, inTime);
      return "later";
    } catch (error) {
      if (error instanceof Rejected) return error.refusal;
      const words = this.#trouble.get(handle) ?? (error as Error).message;
      if (inTime.aborted)
        return { code: "environment-unavailable", detail: `its image did not come in time: ${words}` };
      this.#trouble.set(handle, `the image cannot be pulled now: ${(error as Error).message}`);
      this.#changed(handle);
      await sleep(pause, undefined, { signal: inTime }).catch(() => {});
      return "later";
    }
  }
}
