import pg from "pg";
import type { Database } from "./database.ts";

/** Called with what a notification carried; with "" after a lost connection came back: then read everything again. */
export type NotificationListener = (payload: string) => void;

const firstPause = 100;
const longestPause = 5_000;

/** LISTEN on one connection of its own for all channels, connected anew for as long as somebody listens. */
export class Notifications {
  readonly #config: pg.ClientConfig;
  readonly #listeners = new Map<string, Set<NotificationListener>>();
  #client: pg.Client | null = null;
  #connecting: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #pause = firstPause;
  #closed = false;
  /** What was said last: one connection takes one statement at a time. */
  #said: Promise<unknown> = Promise.resolve();

  constructor(config: pg.ClientConfig) {
    this.#config = { ...config, keepAlive: true };
  }

  /** Resolves when it listens; while the database is down it resolves too, and the listener is called once it is back. */
  async add(channel: string, listener: NotificationListener): Promise<() => Promise<void>> {
    const isFirst = !this.#listeners.has(channel);
    const ofChannel = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, ofChannel.add(listener));
    if (this.#client === null) await this.#connect();
    else if (isFirst) await this.#say(`LISTEN ${pg.escapeIdentifier(channel)}`);
    return () => this.#remove(channel, listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#connecting;
    await this.#client?.end().catch(() => {});
    this.#client = null;
  }

  async #remove(channel: string, listener: NotificationListener): Promise<void> {
    const ofChannel = this.#listeners.get(channel);
    ofChannel?.delete(listener);
    if (ofChannel === undefined || ofChannel.size > 0) return;
    this.#listeners.delete(channel);
    await this.#say(`UNLISTEN ${pg.escapeIdentifier(channel)}`);
  }

  /** A connection that breaks meanwhile is made anew with every channel there is. */
  async #say(statement: string): Promise<void> {
    this.#said = this.#said.then(() => this.#client?.query(statement)).catch(() => {});
    await this.#said;
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.#tryConnect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #tryConnect(): Promise<void> {
    if (this.#closed || this.#client !== null) return;
    const client = new pg.Client(this.#config);
    const lost = () => this.#lost(client);
    client.on("error", lost);
    client.on("end", lost);
    client.on("notification", ({ channel, payload }) => this.#tell(channel, payload ?? ""));
    try {
      await client.connect();
      this.#client = client;
      for (const channel of [...this.#listeners.keys()])
        await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      this.#pause = firstPause;
    } catch {
      this.#client = client;
      lost();
      await client.end().catch(() => {});
    }
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    if (this.#closed || this.#retry !== null) return;
    this.#retry = setTimeout(() => void this.#reconnect(), this.#pause);
    this.#retry.unref();
    this.#pause = Math.min(this.#pause * 2, longestPause);
  }

  async #reconnect(): Promise<void> {
    this.#retry = null;
    await this.#connect();
    if (this.#client === null) return;
    for (const channel of [...this.#listeners.keys()]) this.#tell(channel, "");
  }

  #tell(channel: string, payload: string): void {
    for (const listener of [...(this.#listeners.get(channel) ?? [])]) listener(payload);
  }
}

/**
 * Calls back for each notification on a channel, over one connection that is made anew when it breaks; the listener is
 * then called with "" so that it reads again what it may have missed. Answers how to end that.
 */
export function listenTo(
  database: Database,
  channel: string,
  listener: NotificationListener,
): Promise<() => Promise<void>> {
  return database.notifications.add(channel, listener);
}
