import type { Duplex } from "node:stream";
import { type ComputeProvider, type Session, Unavailable } from "@endstation/core";
import {
  type ClaimedEffect,
  claimEffects,
  holdEffects,
  postponeEffect,
  removeEffects,
} from "../store/effects.ts";
import { carryOut } from "./carry-out.ts";
import { type Loop, startLoop } from "./loop.ts";
import { pauseAfter } from "./pace.ts";
import type { Stage } from "./stage.ts";

/** Carries out what is due for one provider, many at once, each at least once. */
export class EffectRunner {
  readonly #stage: Stage;
  readonly #name: string;
  readonly #provider: ComputeProvider<Duplex>;
  readonly #underWay = new Map<number, Promise<void>>();
  readonly #cancel = new AbortController();
  readonly #claiming: Loop;
  readonly #holding: NodeJS.Timeout;
  #done: number[] = [];
  #removing: Promise<void> | null = null;
  #isStopping = false;
  /** Claiming stopped for want of room: there may be more. */
  #isFull = false;

  constructor(stage: Stage, name: string, provider: ComputeProvider<Duplex>) {
    this.#stage = stage;
    this.#name = name;
    this.#provider = provider;
    const { pace, log } = stage;
    this.#claiming = startLoop({
      name: `effects of ${name}`,
      every: pace.pollEvery,
      pace,
      log,
      work: () => this.#claim(),
    });
    this.#holding = setInterval(() => void this.#hold(), pace.lease / 3);
  }

  wake(): void {
    this.#claiming.wake();
  }

  /** Claims no more; lets what is under way finish for a while, then calls it off. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#claiming.stop();
    const cancel = setTimeout(() => this.#cancel.abort(), this.#stage.pace.drainWithin);
    await Promise.all(this.#underWay.values());
    clearTimeout(cancel);
    clearInterval(this.#holding);
    await this.#removing;
  }

  async #claim(): Promise<void> {
    const { database, owner, pace } = this.#stage;
    while (!this.#isStopping) {
      const room = pace.atOnce - this.#underWay.size;
      this.#isFull = room <= 0;
      if (this.#isFull) return;
      const claimed = await claimEffects(database, this.#name, owner, room, pace.lease);
      if (claimed.length > 0) await this.#begin(claimed);
      if (claimed.length < room) return;
    }
  }

  async #begin(claimed: readonly ClaimedEffect[]): Promise<void> {
    const sessions = await this.#stage.store.getMany([...new Set(claimed.map((one) => one.sessionId))]);
    const byId = new Map(sessions.map((session) => [session.id, session]));
    for (const effect of claimed) {
      const session = byId.get(effect.sessionId);
      if (session === undefined || this.#underWay.has(effect.id)) continue;
      const work = this.#carryOut(session, effect).finally(() => {
        this.#underWay.delete(effect.id);
        if (this.#isFull) this.wake();
      });
      this.#underWay.set(effect.id, work);
    }
  }

  async #carryOut(session: Session, effect: ClaimedEffect): Promise<void> {
    try {
      await carryOut(this.#stage, this.#provider, session, effect, this.#cancel.signal);
      this.#finished(effect.id);
    } catch (error) {
      await this.#postpone(effect, error).catch(() => {});
    }
  }

  async #postpone({ id, sessionId, effect, tries }: ClaimedEffect, error: unknown): Promise<void> {
    const { database, log, owner, pace } = this.#stage;
    const delay = this.#cancel.signal.aborted ? 0 : pauseAfter(pace, tries);
    const facts = { err: error, session: sessionId, effect: effect.type, tries, delay: Math.round(delay) };
    if (error instanceof Unavailable) log.info(facts, "it cannot be done now and is tried again");
    else log.warn(facts, "it failed and is tried again");
    await postponeEffect(database, id, owner, delay);
  }

  /** Removed together with others that finish at the same time; one that is not, is carried out again. */
  #finished(id: number): void {
    this.#done.push(id);
    this.#removing ??= this.#remove().finally(() => {
      this.#removing = null;
    });
  }

  async #remove(): Promise<void> {
    while (this.#done.length > 0) {
      const ids = this.#done;
      this.#done = [];
      await removeEffects(this.#stage.database, ids).catch((error: unknown) =>
        this.#stage.log.warn({ err: error, effects: ids.length }, "done effects could not be removed"),
      );
    }
  }

  async #hold(): Promise<void> {
    const ids = [...this.#underWay.keys()];
    if (ids.length === 0) return;
    const { database, owner, pace } = this.#stage;
    await holdEffects(database, ids, owner, pace.lease).catch(() => {});
  }
}
