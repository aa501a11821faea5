import { EndstationError } from "@endstation/core";
import { z } from "zod";
import { pathPair } from "../../../transports/paths.ts";

/** A name of Slurm's: it becomes a word of a command, and never an option. */
const word = z.string().regex(/^[A-Za-z0-9_][\w.,:@&|*()[\]/=-]*$/, "must be one of Slurm's names");
const accountName = z.string().regex(/^[A-Za-z_][\w.@-]*\$?$/, "must be an account's name");
const absolute = z.string().regex(/^\/[^\0\n\\%:,"]*$/, 'must be an absolute path without \\ % : , "');

const jobOptions = {
  partition: word.optional().describe("Partition, or several with commas; left out: Slurm's own choice"),
  account: word.optional().describe("Slurm's account that is charged"),
  qos: word.optional().describe("Quality of service"),
  reservation: word.optional().describe("Reservation"),
  constraint: word.optional().describe("Features that a node must have"),
  gres: word.optional().describe("Generic resources; left out: `gpu:N` where a flavour has N of them"),
  minutes: z.int().positive().optional().describe("Time limit; left out: `lifetimeMinutes`"),
};

/** What is asked of Slurm beside a session's size. */
export type JobOptions = z.infer<z.ZodObject<typeof jobOptions>>;

const rest = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("Where slurmrestd answers"),
  socket: absolute.optional().describe("Its Unix socket, where it listens on one"),
  keyFile: absolute
    .optional()
    .describe("Slurm's `jwt_key`, with which tokens are made here. Left out: `scontrol token` makes them"),
  operator: accountName.default("root").describe("The account that asks for lists"),
});

const ssh = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9][\w.:-]*$/)
    .describe("The cluster's login node"),
  port: z.int().min(1).max(65_535).default(22).describe("Port of its OpenSSH server"),
  user: accountName
    .optional()
    .describe(
      "Who logs in and becomes each session's account by sudo. Left out: that account logs in itself",
    ),
  operator: accountName.optional().describe("Who logs in to ask for lists; needed where `user` is left out"),
  identityFile: absolute.describe("Private key"),
  knownHostsFile: absolute.describe(
    "File with the login node's host key; one that is not in there is refused",
  ),
});

/** What an operator may write of a provider of kind `slurm` in the configuration file. */
export const slurmConfig = z.strictObject({
  as: z
    .enum(["token", "sudo", "account"])
    .describe(
      "How jobs become their owners': `token` over REST, `sudo` on the command line, or all of them one `account`'s",
    ),
  account: accountName.optional().describe("The one account of the cluster, with `as: account`"),
  accounts: z
    .record(z.string(), accountName)
    .default({})
    .describe(
      "Accounts of the cluster by account of the portal; who is not in there is looked up by user id",
    ),
  rest: rest.optional().describe("Slurm's REST interface. Left out: its command line"),
  ssh: ssh
    .optional()
    .describe("Where commands run and session folders are made. Left out: on the portal's machine"),
  commands: absolute.default("/usr/bin").describe("Folder of Slurm's commands"),
  conf: absolute.optional().describe("`SLURM_CONF` for them"),
  folder: z
    .string()
    .regex(/^\/[^\0\n\\%:,"]*$/, 'must be an absolute path without \\ % : , "')
    .describe(
      "Storage that login and compute nodes share, for each session's own folder; `{user}` is its account. Every account must be able to make one there",
    ),
  paths: z
    .array(pathPair)
    .default([])
    .describe("Where the nodes see data, homes, results and environments. Left out: where the portal does"),
  sandbox: z
    .enum(["bubblewrap", "apptainer"])
    .default("bubblewrap")
    .describe("What a session is closed in on its node; with `apptainer` environments are its images"),
  program: absolute
    .optional()
    .describe("The sandbox's program on the nodes; left out: the one on the `PATH` there"),
  readable: z
    .array(absolute)
    .default([])
    .describe("Further folders of the nodes that sessions may read, such as those that modules load from"),
  network: z
    .enum(["none", "open"])
    .default("none")
    .describe("What sessions reach of the network; `apptainer` needs `open`"),
  lifetimeMinutes: z
    .int()
    .positive()
    .default(7 * 24 * 60)
    .describe(
      "Time limit of every job: no shorter than `limits.longestLifetimeHours`, or Slurm ends it before",
    ),
  job: z.strictObject(jobOptions).prefault({}).describe("What is asked of Slurm beside a session's size"),
  flavours: z
    .record(z.string(), z.strictObject(jobOptions))
    .default({})
    .describe("The same for single flavours, over `job`"),
  listSeconds: z.int().min(5).max(60).default(10).describe("Between two lists of all jobs"),
  keepEndedHours: z
    .number()
    .positive()
    .default(72)
    .describe("How long an ended session's folder, with its log, is kept"),
  owner: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .optional()
    .describe(
      "Tells this portal's jobs from another's on one cluster. Left out: made once and kept in the state folder; give one where several machines are one portal",
    ),
});

export type SlurmConfig = z.infer<typeof slurmConfig>;

/** @throws config-invalid where keys do not fit together. */
export function demandConsistent(name: string, config: SlurmConfig): void {
  const fault = faultOf(config);
  if (fault !== null) throw new EndstationError("config-invalid", `compute provider "${name}": ${fault}`);
}

function faultOf({ as, account, rest, ssh, sandbox, network }: SlurmConfig): string | null {
  if (as === "token" && rest === undefined) return "as: token needs rest";
  if (as === "sudo" && rest !== undefined)
    return "as: sudo is for the command line; over rest it is as: token";
  if ((as === "account") !== (account !== undefined))
    return "account goes with as: account, and as: account with it";
  if (ssh !== undefined && ssh.user === undefined && ssh.operator === undefined && as !== "account")
    return "ssh needs user, or operator";
  if (sandbox === "apptainer" && network === "none")
    return "sandbox: apptainer cannot close the network without privileges; say network: open";
  return null;
}
