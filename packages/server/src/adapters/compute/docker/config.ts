import { z } from "zod";
import { pathPair } from "../../../transports/paths.ts";

/** What an operator may write of a provider of kind `docker` in the configuration file. */
export const dockerConfig = z.strictObject({
  socket: z
    .string()
    .startsWith("/")
    .default("/var/run/docker.sock")
    .describe("The engine's Unix socket; whoever may write to it is root on this machine"),
  network: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/)
    .optional()
    .describe("An existing network of the engine for sessions. Left out: they have none"),
  baseImage: z
    .string()
    .regex(/@sha256:[0-9a-f]{64}$/, "must be name@sha256:…")
    .optional()
    .describe(
      "Image (`name@sha256:…`) into which environments that are folders of this machine are mounted, such as those on CVMFS. Left out: environments are images",
    ),
  credentialsFile: z
    .string()
    .startsWith("/")
    .optional()
    .describe(
      "Log-ins for registries, as `docker login` writes them (`auths`); for the portal's account alone (0600)",
    ),
  paths: z
    .array(pathPair)
    .default([])
    .describe(
      "Where the engine sees folders, when it sees them elsewhere than the portal. Left out: it sees the same",
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
  gpus: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe("How many graphics processors the engine can give to sessions"),
  pullAtStart: z
    .boolean()
    .default(true)
    .describe(
      "Whether the images of all environments are pulled when the portal starts, and not with the first session",
    ),
  pullWithinMinutes: z
    .number()
    .positive()
    .default(30)
    .describe("How long a session waits for its image before it is refused"),
  graceSeconds: z
    .number()
    .int()
    .min(0)
    .default(10)
    .describe("Time for a session to save and end by itself before it is killed"),
  logMiB: z
    .number()
    .int()
    .positive()
    .max(1024)
    .default(2)
    .describe("How much of a session's log is kept, in MiB"),
  keepEndedHours: z
    .number()
    .positive()
    .default(24)
    .describe("How long ended containers are kept, and with them a session's log and how it ended"),
});

export type DockerConfig = z.infer<typeof dockerConfig>;
