import type pg from "pg";

/**
 * NOTIFY after a commit instead of within it: PostgreSQL lets transactions that notify commit one at a time only. Many
 * announcements share one statement. One that is lost is made good by the slow poll that stands behind every listener.
 */
export class Announcer {
  readonly #pool: pg.Pool;
  #waiting = new Map<string, readonly [channel: string, payload: string]>();
  #sending: Promise<void> | null = null;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Tells all listeners of the channel, in every process; call it after the commit. */
  announce(channel: string, payload = ""): void {
    this.#waiting.set(`${channel} ${payload}`, [channel, payload]);
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
  }

  /** Settles when everything announced so far was sent, or could not be. */
  async idle(): Promise<void> {
    while (this.#sending !== null) await this.#sending;
  }

  async #send(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting.values()];
      this.#waiting = new Map();
      const channels = batch.map(([channel]) => channel);
      const payloads = batch.map(([, payload]) => payload);
      await this.#pool.query(statement(channels, payloads)).catch(() => {});
    }
  }
}

function statement(channels: readonly string[], payloads: readonly string[]): pg.QueryConfig {
  return {
    name: "announce",
    text: "SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS said (channel, payload)",
    values: [channels, payloads],
  };
}
