import type { Clock, SessionId } from "@endstation/core";
import type { Logger } from "pino";
import type { PresenceStore } from "../store/presences.ts";
import type { VisitStore } from "../store/visits.ts";
import { type Crowds, createCrowds } from "./crowds.ts";
import { oneAfterAnother } from "./one-after-another.ts";
import { type Judge, type Presence, type PresenceLimits, presenceOf } from "./presence.ts";
import { createRollCall } from "./roll-call.ts";
import { digestOf } from "./secrets.ts";

/** Everybody who is inside through this process, and the round that asks again whether they still may be. */
export interface Presences {
  /** Whose token it is; null when it is nobody's, or was ended. @throws when the database cannot be asked. */
  find(token: string): Promise<Presence | null>;
  /** Cuts all that is open through these origins. */
  cutLabels(labels: ReadonlySet<string>): void;
  /** Asks again now: of one session, or (null) of all. */
  recheck(sessionId: SessionId | null): void;
  close(): void;
}

export interface PresencesDeps {
  readonly visits: VisitStore;
  readonly here: Pick<PresenceStore, "touch" | "leave">;
  readonly judge: Judge;
  readonly clock: Clock;
  readonly limits: PresenceLimits;
  readonly log: Logger;
}

const forgetAfterMs = 10_000;
const askedAtOnce = 16;

interface Known {
  readonly presence: Presence;
  usedAt: number;
}

export function createPresences(deps: PresencesDeps): Presences {
  const known = new Map<string, Known>();
  const crowds = createCrowds();
  const rollCall = createRollCall(deps.here, deps.log);
  const forget = (key: string) => {
    const presence = known.get(key)?.presence;
    presence?.end();
    known.delete(key);
    if (presence !== undefined) rollCall.left(presence);
  };
  const all = () => [...known.values()].map(({ presence }) => presence);
  const round = oneAfterAnother(async () => {
    forgetUnused(known, forget);
    await endVisits(deps, known, forget);
    await recheckAll(all().filter((presence) => presence.openCount() > 0));
    await rollCall.call(all());
  });
  const timer = setInterval(() => void round(), deps.limits.freshMs);
  timer.unref();
  return {
    find: async (token) => {
      const digest = digestOf(token);
      const key = digest.toString("hex");
      const found = known.get(key) ?? (await load(deps, known, crowds, key, digest));
      if (found !== undefined) found.usedAt = performance.now();
      return found?.presence ?? null;
    },
    cutLabels: (labels) => {
      for (const presence of all()) if (labels.has(presence.visit.label)) presence.cutAll();
    },
    recheck: (sessionId) => {
      if (sessionId === null) void round();
      else void recheckAll(all().filter(({ visit }) => visit.sessionId === sessionId));
    },
    close: () => {
      clearInterval(timer);
      for (const key of [...known.keys()]) forget(key);
    },
  };
}

async function load(
  { visits, judge, clock, limits }: PresencesDeps,
  known: Map<string, Known>,
  crowds: Crowds,
  key: string,
  digest: Buffer,
) {
  const visit = await visits.find(digest, clock.now());
  const meanwhile = known.get(key);
  if (visit === null || meanwhile !== undefined) return meanwhile;
  const fresh = { presence: presenceOf(visit, judge, limits, crowds), usedAt: performance.now() };
  known.set(key, fresh);
  return fresh;
}

function forgetUnused(known: ReadonlyMap<string, Known>, forget: (key: string) => void): void {
  const before = performance.now() - forgetAfterMs;
  for (const [key, { presence, usedAt }] of [...known])
    if (presence.openCount() === 0 && usedAt < before) forget(key);
}

/** Ends those whose visit is over: by a log-out, or because it is too old. */
async function endVisits(
  { visits, clock, log }: PresencesDeps,
  known: ReadonlyMap<string, Known>,
  forget: (key: string) => void,
): Promise<void> {
  const asked = [...known.entries()];
  try {
    const digests = asked.map(([, { presence }]) => presence.visit.digest);
    const good = await visits.stillGood(digests, clock.now());
    for (const [key] of asked) if (!good.has(key)) forget(key);
  } catch (error) {
    log.warn({ err: error }, "whether visits have ended could not be asked");
  }
}

async function recheckAll(presences: readonly Presence[]): Promise<void> {
  for (let n = 0; n < presences.length; n += askedAtOnce)
    await Promise.all(presences.slice(n, n + askedAtOnce).map((presence) => presence.recheck()));
}
