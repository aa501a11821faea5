import type { EngineSettings } from "../../packages/server/src/testing/engines.ts";
import { freePort } from "../support/portal.ts";
import type { EnginePortal } from "./engine-portal.ts";

/** The person is one of the cluster's users, and her proposal one of its groups, as at a facility. */
export function slurmPortal({ conf, shared, users }: EngineSettings<"slurm">): EnginePortal {
  const user = users[0]?.name ?? "";
  return {
    config: async () => `environments: [nexus]
tunnel: { host: 127.0.0.1, port: ${await freePort()}, address: 127.0.0.1 }
posix:
  accounts: { pi: ${user} }
  groups: { ipns-2001-mgb2: ${user} }
compute:
  - { name: slurm, type: slurm, as: sudo, lifetimeMinutes: 60, conf: ${conf}, folder: "${shared}" }
`,
    undo: async () => {},
  };
}
