import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ComputeProvider,
  decide,
  EndstationError,
  type Seen,
  type Session,
  type SessionEvent,
  type Sighting,
  Unavailable,
} from "@endstation/core";
import { inContact, liveSessions, outOfContact } from "../store/provider-sessions.ts";
import { endOutage, noteOutage } from "../store/provider-states.ts";
import { pauseAfter } from "./pace.ts";
import { eventsOf, newestOf, outdatedOf } from "./sightings.ts";
import { happen, type Stage, within } from "./stage.ts";
import { eachOf, KeyedTurns } from "./turns.ts";

/** Watches one provider and makes events of what it says, until the signal is raised. */
export class Observer {
  readonly #stage: Stage;
  readonly #name: string;
  readonly #provider: ComputeProvider<Duplex>;
  readonly #signal: AbortSignal;
  readonly #turns: KeyedTurns;
  /** By this process's own steady clock. */
  #lastContact = performance.now();

  constructor(stage: Stage, name: string, provider: ComputeProvider<Duplex>, signal: AbortSignal) {
    this.#stage = stage;
    this.#name = name;
    this.#provider = provider;
    this.#signal = signal;
    this.#turns = new KeyedTurns(stage.pace.atOnce);
  }

  async run(): Promise<void> {
    let failures = 0;
    while (!this.#signal.aborted) {
      try {
        await this.#watch(() => {
          failures = 0;
        });
      } catch (error) {
        if (this.#signal.aborted) break;
        failures += 1;
        await this.#failed(error, failures);
      }
    }
    await this.#turns.settled();
  }

  async #watch(onContact: () => void): Promise<void> {
    const mute = new AbortController();
    const patience = setTimeout(() => mute.abort(), this.#stage.pace.callWithin);
    let isFirst = true;
    try {
      for await (const sighting of this.#provider.observe(AbortSignal.any([this.#signal, mute.signal]))) {
        clearTimeout(patience);
        this.#lastContact = performance.now();
        onContact();
        await this.#turns.demandWell();
        if (isFirst) await this.#contactRestored();
        isFirst = false;
        await this.#apply(sighting);
      }
    } finally {
      clearTimeout(patience);
    }
    await this.#turns.settled();
    if (!this.#signal.aborted) throw new Unavailable(`${this.#name} does not tell what it has`);
  }

  /** Only the provider's own silence is an outage of the provider: the database may have failed as well. */
  async #failed(error: unknown, failures: number): Promise<void> {
    const { log, pace } = this.#stage;
    log.warn({ err: error, provider: this.#name, failures }, "the provider cannot be observed now");
    const isSilent = performance.now() - this.#lastContact >= pace.contactLostAfter;
    if (isSilent && !(error instanceof EndstationError))
      await this.#contactLost().catch((err: unknown) => log.warn({ err }, "an outage was not written"));
    const pause = Math.min(pauseAfter(pace, failures), 5_000);
    await sleep(pause, undefined, { signal: this.#signal }).catch(() => {});
  }

  async #contactLost(): Promise<void> {
    const { database, clock } = this.#stage;
    await noteOutage(database, this.#name, clock.now());
    await this.#mark("contact-lost");
  }

  async #contactRestored(): Promise<void> {
    await endOutage(this.#stage.database, this.#name);
    await this.#mark("contact-restored");
  }

  async #mark(type: "contact-lost" | "contact-restored"): Promise<void> {
    const { database } = this.#stage;
    const which = type === "contact-lost" ? inContact : outOfContact;
    for await (const sessions of liveSessions(database, this.#name, which))
      await eachOf(sessions, 16, async (session) => void (await happen(this.#stage, session, { type })));
  }

  async #apply(sighting: Sighting): Promise<void> {
    if (sighting.type === "change") {
      const { seen, asOf } = sighting;
      return this.#turns.take(seen.sessionId, async () => {
        const session = await this.#stage.store.get(seen.sessionId);
        await (session === null ? this.#endUnwanted(seen) : this.#see(session, seen, asOf));
      });
    }
    await this.#turns.settled();
    await this.#applyAll(
      sighting.asOf,
      Map.groupBy(sighting.seen, ({ sessionId }) => sessionId),
    );
  }

  async #applyAll(asOf: number, seen: ReadonlyMap<string, readonly Seen[]>): Promise<void> {
    const live = new Set<string>();
    for await (const sessions of liveSessions(this.#stage.database, this.#name)) {
      for (const session of sessions) live.add(session.id);
      await eachOf(sessions, 16, (session) => this.#seeAmong(session, seen.get(session.id), asOf));
    }
    const others = [...seen.keys()].filter((id) => !live.has(id));
    if (others.length === 0) return;
    const ended = new Map((await this.#stage.store.getMany(others)).map((session) => [session.id, session]));
    await eachOf(others, 16, (id) => this.#seeAmong(ended.get(id), seen.get(id), asOf));
  }

  async #seeAmong(session: Session | undefined, seen: readonly Seen[] = [], asOf: number): Promise<void> {
    const unwanted = session === undefined ? seen : outdatedOf(session, seen);
    for (const one of unwanted) await this.#endUnwanted(one);
    if (session !== undefined) await this.#see(session, newestOf(session, seen), asOf);
  }

  /** Most of a full list says nothing new: that is seen without asking the database again. */
  async #see(session: Session, seen: Seen | undefined, asOf: number): Promise<void> {
    if (session.provider !== this.#name) return;
    let current: Session | null = session;
    for (const event of eventsOf(session, seen, asOf)) {
      if (current !== null && this.#isNews(current, event))
        current = await happen(this.#stage, current, event);
    }
  }

  #isNews(session: Session, event: SessionEvent): boolean {
    const { clock, limits } = this.#stage;
    const outcome = decide(session, event, clock.now(), limits);
    return outcome.session !== session || outcome.effects.length > 0;
  }

  /** Each session is written before it is launched: what is not in the store belongs to nobody. */
  async #endUnwanted({ sessionId, handle, observation }: Seen): Promise<void> {
    if (observation.state === "gone") return;
    const { log, pace } = this.#stage;
    log.warn(
      { session: sessionId, provider: this.#name },
      "it runs a session that nobody wants; it is ended",
    );
    await this.#provider
      .terminate({ sessionId, handle }, within(this.#signal, pace.callWithin))
      .catch((error: unknown) => log.warn({ err: error, session: sessionId }, "it could not be ended"));
  }
}
