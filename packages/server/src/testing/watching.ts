import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Sighting, Unavailable } from "@endstation/core";
import type { Provider } from "../transports/provider.ts";

export interface Watching {
  /** What was last told of each session. */
  readonly states: ReadonlyMap<string, string>;
  /** Sessions that were asked to end. */
  readonly mayGo: Set<string>;
  /** Sessions that were told to run, then to be gone, or missing, and were not asked to end. */
  readonly goneUnasked: ReadonlySet<string>;
  /** What the provider says when it next cannot be asked. */
  untilFailed(): Promise<Unavailable>;
  end(): Promise<void>;
}

/** Observes as the portal's observer does: through every outage, and asks anew. */
export function watch(provider: Provider): Watching {
  const states = new Map<string, string>();
  const mayGo = new Set<string>();
  const goneUnasked = new Set<string>();
  const stop = new AbortController();
  let failed = Promise.withResolvers<Unavailable>();
  const tell = (sessionId: string, state: string) => {
    const wasThere = ["queued", "running"].includes(states.get(sessionId) ?? "");
    if (wasThere && ["gone", "nothing"].includes(state) && !mayGo.has(sessionId)) goneUnasked.add(sessionId);
    states.set(sessionId, state);
  };
  const hear = (sighting: Sighting) => {
    if (sighting.type === "change") return tell(sighting.seen.sessionId, sighting.seen.observation.state);
    const seen = new Map(sighting.seen.map((one) => [one.sessionId, one.observation.state]));
    for (const id of new Set([...states.keys(), ...seen.keys()])) tell(id, seen.get(id) ?? "nothing");
  };
  const ended = (async () => {
    while (!stop.signal.aborted) {
      try {
        for await (const sighting of provider.observe(stop.signal)) hear(sighting);
      } catch (error) {
        assert.ok(error instanceof Unavailable, String(error));
        failed.resolve(error);
      }
      await sleep(200);
    }
  })();
  return {
    states,
    mayGo,
    goneUnasked,
    untilFailed: () => {
      failed = Promise.withResolvers();
      return failed.promise;
    },
    end: () => {
      stop.abort();
      return ended;
    },
  };
}
