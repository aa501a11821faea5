import type { Clock } from "@endstation/core";
import { z } from "zod";
import type { Tunnels } from "../../../transports/tunnel/index.ts";

/** What an operator may write of a provider of kind `local` in the configuration file. */
export const localConfig = z.strictObject({
  isolation: z
    .enum(["auto", "sandbox", "none"])
    .default("auto")
    .describe(
      "`sandbox`: bubblewrap for each session; `auto`: where it works, else none, which only a development portal accepts",
    ),
  maxMemoryMiB: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("Memory for all sessions together. Left out: what the machine has, less a reserve"),
  maxCpus: z
    .number()
    .positive()
    .optional()
    .describe("Processors for all sessions together. Left out: what the machine has"),
  cpuOvercommit: z
    .number()
    .min(1)
    .default(4)
    .describe("How many sessions may share a processor: people think more than they compute"),
  prepared: z
    .number()
    .int()
    .min(0)
    .default(4)
    .describe(
      "For how many environments a process is kept ready to become a session at once (about 80 MiB each)",
    ),
  graceSeconds: z
    .number()
    .min(0)
    .default(5)
    .describe("Time for a session to save and end by itself before it is killed"),
  logMiB: z.number().positive().max(1024).default(2).describe("How much of a session's log is kept, in MiB"),
  keepEndedDays: z
    .number()
    .positive()
    .default(7)
    .describe("How long the log and the end of an ended session are kept"),
});

export type LocalConfig = z.infer<typeof localConfig>;

/** Where the provider finds and keeps things; given by the composition, not by the operator. */
export interface LocalSite {
  /** The provider's name in the configuration. */
  readonly name: string;
  /** Its own folder below the state folder; made when it is not there. */
  readonly stateFolder: string;
  /** Short, for sockets; null: a fitting one is chosen. */
  readonly runFolder: string | null;
  /** `extensions/session`, or a copy. */
  readonly launcherFolder: string;
  /** The sessions' way to the portal. */
  readonly tunnels: Pick<Tunnels, "folder" | "ticket" | "revoke">;
  readonly clock: Clock;
}

export type LocalOptions = LocalConfig & LocalSite;
