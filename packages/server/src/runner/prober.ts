import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type ComputeProvider, Rejected, type Session, type SessionId, Unavailable } from "@endstation/core";
import { awaitedSessions } from "../store/provider-sessions.ts";
import { type Loop, startLoop } from "./loop.ts";
import { happen, type Stage, within } from "./stage.ts";

/** Least time between two looks for sessions to probe. */
const rest = 25;

/** Finds out when the endpoints of launched sessions begin to answer. */
export class Prober {
  readonly #stage: Stage;
  readonly #name: string;
  readonly #provider: ComputeProvider<Duplex>;
  readonly #probing = new Map<SessionId, AbortController>();
  readonly #ended = new Set<Promise<void>>();
  readonly #loop: Loop;

  constructor(stage: Stage, name: string, provider: ComputeProvider<Duplex>) {
    this.#stage = stage;
    this.#name = name;
    this.#provider = provider;
    const { pace, log } = stage;
    const every = pace.pollEvery;
    this.#loop = startLoop({ name: `probes of ${name}`, every, rest, pace, log, work: () => this.#look() });
  }

  wake(): void {
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    for (const controller of this.#probing.values()) controller.abort();
    await Promise.all(this.#ended);
  }

  async #look(): Promise<void> {
    const awaited = new Set(await awaitedSessions(this.#stage.database, this.#name));
    for (const [id, controller] of this.#probing) if (!awaited.has(id)) controller.abort();
    const fresh = [...awaited].filter((id) => !this.#probing.has(id));
    if (fresh.length === 0) return;
    for (const session of await this.#stage.store.getMany(fresh)) this.#begin(session);
  }

  #begin(session: Session): void {
    const controller = new AbortController();
    this.#probing.set(session.id, controller);
    const ended = this.#probeAll(session, controller.signal).finally(() => {
      this.#probing.delete(session.id);
      this.#ended.delete(ended);
    });
    this.#ended.add(ended);
  }

  async #probeAll(session: Session, signal: AbortSignal): Promise<void> {
    const open = session.endpoints.filter((endpoint) => !session.ready.includes(endpoint));
    await Promise.all(open.map((endpoint) => this.#probe(session, endpoint, signal)));
  }

  async #probe(session: Session, endpoint: Session["endpoints"][number], signal: AbortSignal): Promise<void> {
    const { pace, log } = this.#stage;
    let pause = pace.firstProbe;
    while (!signal.aborted) {
      try {
        if (await this.#answers(session, endpoint, within(signal, pace.probeWithin))) {
          await happen(this.#stage, session, { type: "endpoint-ready", attempt: session.attempt, endpoint });
          return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof Unavailable))
          log.warn({ err: error, session: session.id, endpoint }, "a probe failed");
        if (error instanceof Rejected) pause = pace.longestProbe;
      }
      await sleep(pause, undefined, { signal }).catch(() => {});
      pause = Math.min(pause * 1.25, pace.longestProbe);
    }
  }

  async #answers(
    { id: sessionId, handle }: Session,
    endpoint: Session["endpoints"][number],
    signal: AbortSignal,
  ): Promise<boolean> {
    const connection = await this.#provider.dial({ sessionId, handle }, endpoint, signal);
    connection.on("error", () => {});
    try {
      return await this.#stage.probe(connection, endpoint, signal);
    } finally {
      connection.destroy();
    }
  }
}
