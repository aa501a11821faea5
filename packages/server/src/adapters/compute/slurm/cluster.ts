import type { Account } from "../../../transports/exec.ts";
import { launcherFiles, launcherZip } from "../../../transports/launcher-files.ts";
import { seenThere } from "../../../transports/paths.ts";
import type { ComputeSite } from "../../../transports/provider.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { slurmByCommands } from "./command-line.ts";
import { demandConsistent, type JobOptions, type SlurmConfig } from "./config.ts";
import { type SessionFolder, sessionFolder } from "./folder.ts";
import { machineOf } from "./machine.ts";
import { handleOf, type Mark, ownerIn, type Start } from "./names.ts";
import { Notes, type Order } from "./notes.ts";
import { slurmByRest } from "./rest.ts";
import type { Place, Slurm } from "./slurm.ts";
import { createTokens } from "./tokens.ts";

/** Everything the parts of this adapter share. */
export interface Cluster {
  readonly config: SlurmConfig;
  readonly site: ComputeSite;
  readonly mark: Mark;
  readonly slurm: Slurm;
  readonly accounts: Accounts;
  readonly notes: Notes;
  readonly launcher: Uint8Array;
  /** Jobs that Slurm had taken and no longer knows, each looked into once. */
  readonly lost: Set<string>;
  /** Starts that were given another ticket. */
  readonly renewed: Set<string>;
  now(): number;
  /** At most one question within ten seconds. */
  places(): Promise<readonly Place[]>;
  folderOf(order: Pick<Order, "account" | "folder">): SessionFolder;
  close(): Promise<void>;
}

/** @throws config-invalid */
export function openCluster(config: SlurmConfig, site: ComputeSite): Cluster {
  demandConsistent(site.name, config);
  const machine = machineOf(config, site.stateFolder, site.runFolder);
  const now = () => site.clock.now();
  const rest =
    config.rest === undefined ? null : slurmByRest(config.rest, createTokens(config, machine, Date.now));
  const slurm = rest ?? slurmByCommands(config, machine);
  return {
    config,
    site,
    mark: { owner: ownerIn(site.stateFolder, config.owner), provider: site.name },
    slurm,
    accounts: createAccounts(site.name, config, machine, now),
    notes: new Notes(site.stateFolder),
    launcher: launcherZip(launcherFiles(site.launcherFolder)),
    lost: new Set(),
    renewed: new Set(),
    now,
    places: rememberFor(10_000, () => slurm.places(calm)),
    folderOf: ({ account, folder }) => sessionFolder(folder, machine.as(account)),
    close: async () => rest?.close(),
  };
}

/** What several callers share, no one of them calls off. */
const calm = new AbortController().signal;

function rememberFor<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly answer: Promise<T>; readonly at: number } | null = null;
  return () => {
    if (last !== null && performance.now() - last.at < milliseconds) return last.answer;
    const answer = ask();
    const asked = { answer, at: performance.now() };
    last = asked;
    answer.catch(() => {
      if (last === asked) last = null;
    });
    return answer;
  };
}

/** Where a start's folder lies, as the cluster sees it. */
export function folderPath({ config }: Pick<Cluster, "config">, account: Account, start: Start): string {
  const folder = config.folder.replaceAll("{user}", account.name).replace(/\/+$/, "");
  return `${seenThere(config.paths, folder) ?? folder}/${handleOf(start)}`;
}

export function optionsFor({ config }: Pick<Cluster, "config">, flavour: string): JobOptions {
  return { ...config.job, ...config.flavours[flavour] };
}
