import { EventEmitter, on } from "node:events";
import { type CancelSignal, type Observation, type Seen, type Sighting, Unavailable } from "@endstation/core";
import pLimit from "p-limit";
import { unlessCalledOff } from "../../../transports/calling-off.ts";
import { endProcessesOf } from "./leftovers.ts";
import { attemptOf } from "./names.ts";
import type { Listed } from "./schema.ts";
import type { Site } from "./site.ts";
import { aliveAs, foundDead, observationOf } from "./status.ts";
import type { WaitingRoom } from "./waiting.ts";

type Full = Extract<Sighting, { type: "all" }>;
type Gone = Extract<Observation, { state: "gone" }>;

/** What is missed nevertheless, and an engine that is silent, are noticed after so long. */
const listEvery = 120_000;
/** How far back events are asked for: the engine begins to listen for us a moment after it has answered. */
const margin = 1;
const inspectedAtOnce = 8;

/** What of ours the engine has. All who observe share one stream of its events. */
export class Watch {
  readonly #site: Site;
  readonly #room: WaitingRoom;
  /** By the container's id: an end is for good. */
  readonly #ended = new Map<string, Gone>();
  readonly #bell = new EventEmitter().setMaxListeners(0);
  #stream: AbortController | null = null;
  #observers = 0;
  #telling: Promise<unknown> = Promise.resolve();
  #nextList: Promise<Full> | null = null;
  #lastList: Promise<unknown> = Promise.resolve();

  constructor(site: Site, room: WaitingRoom) {
    this.#site = site;
    this.#room = room;
    // Without anybody who observes, an outage is no news.
    this.#bell.on("error", () => {});
  }

  /** First all, then each change, and all again from time to time. @throws Unavailable */
  async *observe(signal: CancelSignal): AsyncGenerator<Sighting> {
    if (signal.aborted) return;
    const stop = new AbortController();
    const abort = () => stop.abort();
    signal.addEventListener("abort", abort);
    const heard = on(this.#bell, "sighting", { signal: stop.signal });
    this.#join();
    try {
      const first = await unlessCalledOff(signal, () => this.all());
      yield first;
      // What was looked at before the list was is no news.
      for await (const [sighting] of heard) if (sighting.asOf >= first.asOf) yield sighting;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", abort);
      await heard.return?.();
      this.#leave();
    }
  }

  /** A full list begun after the call; those who wait for the same one share it. */
  all(): Promise<Full> {
    this.#nextList ??= this.#lastList.then(() => {
      const list = this.#list();
      this.#nextList = null;
      this.#lastList = list.catch(() => {});
      return list;
    });
    return this.#nextList;
  }

  /** Something may have happened to a session: those who observe are told how it is now, in the order of asking. */
  look(handle: string): Promise<void> {
    return this.#tell(async () => {
      const asOf = this.#site.clock.now();
      const seen = await this.#seen(handle);
      return seen === null ? this.all() : { type: "change", asOf, seen };
    });
  }

  close(): void {
    this.#stream?.abort();
    this.#stream = null;
  }

  #tell(find: () => Promise<Sighting>): Promise<void> {
    const turn = this.#telling.then(async () => {
      if (this.#observers > 0) this.#bell.emit("sighting", await find());
    });
    this.#telling = turn.catch(() => {});
    return turn;
  }

  #join(): void {
    this.#observers += 1;
    if (this.#stream !== null) return;
    const stream = new AbortController();
    this.#stream = stream;
    void this.#follow(stream.signal).catch((error: unknown) => {
      if (this.#stream !== stream) return;
      this.#stream = null;
      this.#bell.emit("error", error);
    });
  }

  #leave(): void {
    this.#observers -= 1;
    if (this.#observers > 0) return;
    this.#stream?.abort();
    this.#stream = null;
  }

  /** Until the engine's events end, or it does not answer. */
  async #follow(signal: AbortSignal): Promise<never> {
    const failed = Promise.withResolvers<never>();
    const listing = setInterval(() => void this.#tell(() => this.all()).catch(failed.reject), listEvery);
    try {
      return await Promise.race([this.#hear(signal), failed.promise]);
    } finally {
      clearInterval(listing);
    }
  }

  async #hear(signal: AbortSignal): Promise<never> {
    const { engine, owner } = this.#site;
    for await (const { Action, Actor } of engine.events(Date.now() / 1000 - margin, signal)) {
      const handle = Actor.Attributes["name"] ?? "";
      if (attemptOf(owner, handle) === null) continue;
      await (Action === "destroy" ? this.#tell(() => this.all()) : this.look(handle));
    }
    throw new Unavailable("the engine's events have ended");
  }

  async #list(): Promise<Full> {
    const asOf = this.#site.clock.now();
    // In this order: who stops waiting meanwhile is in both.
    const waiting = await this.#room.all();
    const listed = await this.#site.engine.list();
    const some = pLimit(inspectedAtOnce);
    const found = await Promise.all(listed.map((one) => some(() => this.#listed(one))));
    const ids = new Set(listed.map(({ Id }) => Id));
    for (const id of this.#ended.keys()) if (!ids.has(id)) this.#ended.delete(id);
    const seen = new Map(waiting.map((one) => [one.handle, one]));
    for (const one of found) if (one !== null) seen.set(one.handle, one);
    return { type: "all", asOf, seen: [...seen.values()] };
  }

  /** Null: it has not begun, or was taken away meanwhile. */
  async #listed({ Id, Names, State }: Listed): Promise<Seen | null> {
    const handle = Names[0]?.slice(1) ?? "";
    const of = attemptOf(this.#site.owner, handle);
    if (of === null || State === "created") return null;
    const known = aliveAs(State) ?? this.#ended.get(Id);
    return known === undefined ? this.#inspected(Id) : { ...of, handle, observation: known };
  }

  async #seen(handle: string): Promise<Seen | null> {
    return (await this.#inspected(handle)) ?? (await this.#room.look(handle));
  }

  async #inspected(idOrName: string): Promise<Seen | null> {
    const { engine, owner, records } = this.#site;
    const found = await engine.inspect(idOrName);
    const handle = found?.Name.slice(1) ?? "";
    const of = attemptOf(owner, handle);
    if (found === null || of === null) return null;
    const order = await records.order(handle);
    const observation = observationOf(found.State, {
      asked: await records.isMarked(handle, "stop"),
      batch: order?.kind === "batch",
      memoryMiB: order?.flavour.memoryMiB ?? 0,
    });
    if (observation?.state === "gone") this.#hasEnded(found.Id, handle, observation);
    return observation === null ? null : { ...of, handle, observation };
  }

  #hasEnded(id: string, handle: string, gone: Gone): void {
    this.#ended.set(id, gone);
    this.#leaveNothing(id, handle, gone).catch((error: Error) =>
      this.#site.log.warn({ handle, error: error.message }, "something of an ended session is left"),
    );
  }

  async #leaveNothing(id: string, handle: string, { exitCode }: Gone): Promise<void> {
    if (exitCode === foundDead) await endProcessesOf(id);
    await this.#site.records.closeWay(handle, this.#site.tunnels.revoke);
  }
}
