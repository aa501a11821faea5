import type { Duplex } from "node:stream";
import type {
  Clock,
  ComputeProvider,
  Instant,
  LaunchSpec,
  LifeLimits,
  Notice,
  Session,
} from "@endstation/core";
import type { Logger } from "pino";
import type { Database } from "../store/database.ts";
import { resetLooks } from "../store/deadlines.ts";
import { releaseEffects } from "../store/effects.ts";
import { listenTo } from "../store/notifications.ts";
import type { Sessions } from "../store/session-store.ts";
import { EffectRunner } from "./effect-runner.ts";
import { startKeeping } from "./keeping.ts";
import { type Pace, usualPace } from "./pace.ts";
import { type Probe, usualProbe } from "./probe.ts";
import { ProviderWatch } from "./provider-watch.ts";
import { type OwnerMayRead, startRightsWatch } from "./rights.ts";
import type { Stage } from "./stage.ts";
import { startTicker } from "./ticker.ts";

export interface RunnerOptions {
  readonly database: Database;
  readonly store: Pick<Sessions, "get" | "getMany" | "save">;
  readonly providers: ReadonlyMap<string, ComputeProvider<Duplex>>;
  readonly clock: Clock;
  readonly limits: LifeLimits;
  readonly log: Logger;
  /**
   * Unique among running processes. Started again under the same name (a portal that is alone with its state folder),
   * it goes on at once with what it was killed over; under another name, when the leases have run out.
   */
  readonly owner: string;
  /** What a provider needs to start it. @throws Rejected or a coded error when it never will; anything else is tried again. */
  launchSpecOf(session: Session): Promise<LaunchSpec>;
  /** Tells the owner; at least once. Absent: it is logged. */
  notify?(session: Session, message: Notice, at?: Instant): Promise<void>;
  /** Absent: rights are not asked again. */
  readonly ownerMayRead?: OwnerMayRead;
  readonly probe?: Probe;
  readonly pace?: Partial<Pace>;
}

/** Carries out effects, observes providers, and lets time pass for sessions. */
export interface Runner {
  /** Ends it orderly: calls under way may finish for a while, leases are given back. Sessions go on. */
  stop(): Promise<void>;
}

/** Starts the runner; many processes may have one on the same database. */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const stage = stageOf(options);
  const { database } = stage;
  await releaseEffects(database, stage.owner);
  await resetLooks(database);
  const named = [...stage.providers];
  const effects = named.map(([name, provider]) => new EffectRunner(stage, name, provider));
  const watches = named.map(([name, provider]) => new ProviderWatch(stage, name, provider));
  const { ownerMayRead } = options;
  const rights = ownerMayRead === undefined ? [] : [startRightsWatch(stage, ownerMayRead)];
  const loops = [startTicker(stage), ...startKeeping(stage), ...rights];
  const unlisten = await Promise.all([
    listenTo(database, "endstation_effects", () => wakeAll(effects)),
    listenTo(database, "endstation_work", () => wakeAll(watches)),
  ]);
  return {
    stop: async () => {
      await Promise.all(unlisten.map((end) => end()));
      await Promise.all([...loops, ...effects, ...watches].map((part) => part.stop()));
      await releaseEffects(database, stage.owner).catch(() => {});
    },
  };
}

function stageOf(options: RunnerOptions): Stage {
  const log = options.log.child({ part: "runner" });
  const logged = async ({ id }: Session, message: Notice) =>
    log.info({ session: id, message }, "the owner is told");
  return {
    ...options,
    log,
    pace: { ...usualPace, ...options.pace },
    probe: options.probe ?? usualProbe,
    happening: new Map(),
    launchSpecOf: (session) => options.launchSpecOf(session),
    notify: (session, message, at) => (options.notify ?? logged)(session, message, at),
  };
}

function wakeAll(parts: readonly { wake(): void }[]): void {
  for (const part of parts) part.wake();
}
