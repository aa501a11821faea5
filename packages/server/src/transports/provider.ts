import type { Duplex } from "node:stream";
import type { Clock, ComputeProvider, EnvironmentSource } from "@endstation/core";
import type { Logger } from "pino";
import type { Tunnels } from "./tunnel/index.ts";

/** What every compute adapter is given besides its own part of the configuration. */
export interface ComputeSite {
  /** The provider's name in the configuration. */
  readonly name: string;
  /** Its own folder below the state folder; made when it is not there. */
  readonly stateFolder: string;
  /** Short, for sockets; null: a fitting one is chosen. */
  readonly runFolder: string | null;
  /** `extensions/session`, or a copy, where sessions of this machine can read it. */
  readonly launcherFolder: string;
  /** Ways in for sessions whose engine lets nothing listen. */
  readonly tunnels: Tunnels;
  readonly clock: Clock;
  readonly log: Pick<Logger, "info" | "warn" | "debug">;
}

/** A compute provider as this server holds it. */
export interface Provider extends ComputeProvider<Duplex> {
  /** Why no session can be started there; null when all is well. Constant. */
  readonly unusable: string | null;
  /** Loads an environment beforehand, so that its sessions start at once; false where that cannot be. */
  prepare?(source: EnvironmentSource): Promise<boolean>;
  /** Lets go of what belongs to this process; sessions run on. */
  close(): void | Promise<void>;
}
