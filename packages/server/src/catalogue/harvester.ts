import type { DataCatalogue, HarvestItem, Techniques } from "@endstation/core";
import type { Logger } from "pino";
import type { CatalogueWriter, Put } from "../store/catalogue-writer.ts";
import { withDefinedTechniques } from "./definition-techniques.ts";

export interface HarvesterDeps {
  readonly catalogues: ReadonlyMap<string, DataCatalogue>;
  readonly writer: CatalogueWriter;
  readonly techniques: Techniques;
  readonly log: Logger;
}

/** What the last harvest of a catalogue did. */
export interface HarvestReport {
  readonly catalogue: string;
  readonly seconds: number;
  readonly proposals: number;
  readonly datasets: number;
  readonly changed: number;
  readonly removed: number;
  /** Why it did not come to its end; what the index had before is still there then. Null when all went well. */
  readonly failure: string | null;
}

/**
 * Brings the index to what a catalogue has now. Rights (accounts, proposals, teams) are written before any file is opened;
 * what was not seen goes at the end, and only if the harvest came to its end. Null: another process is at it.
 */
export async function harvestOnce(
  deps: HarvesterDeps,
  name: string,
  signal: AbortSignal,
): Promise<HarvestReport | null> {
  const catalogue = deps.catalogues.get(name);
  if (catalogue === undefined) return null;
  return deps.writer.exclusively(name, () => harvest(deps, name, catalogue, signal));
}

async function harvest(
  deps: HarvesterDeps,
  name: string,
  catalogue: DataCatalogue,
  signal: AbortSignal,
): Promise<HarvestReport> {
  const start = performance.now();
  const seen = { accounts: [] as string[], proposals: [] as string[], datasets: [] as string[] };
  let [changed, removed] = [0, 0];
  let failure: string | null = null;
  try {
    for await (const item of catalogue.harvest(signal)) {
      const put = await write(deps, name, item, seen);
      if (put === "changed") changed += 1;
      if (put === "taken")
        deps.log.warn({ catalogue: name, item: keyOf(item) }, "another catalogue has this id");
    }
    if (signal.aborted) failure = "it was called off";
    else removed = await deps.writer.removeUnseen(name, seen);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const seconds = Math.round(performance.now() - start) / 1000;
  const { proposals, datasets } = seen;
  return {
    catalogue: name,
    seconds,
    proposals: proposals.length,
    datasets: datasets.length,
    changed,
    removed,
    failure,
  };
}

async function write(
  { writer, techniques }: HarvesterDeps,
  name: string,
  item: HarvestItem,
  seen: { readonly accounts: string[]; readonly proposals: string[]; readonly datasets: string[] },
): Promise<Put> {
  switch (item.type) {
    case "account":
      seen.accounts.push(item.account.account);
      await writer.putAccount(name, item.account);
      return "same";
    case "proposal": {
      const put = await writer.putProposal(name, item.proposal);
      if (put !== "taken") seen.proposals.push(item.proposal.id);
      return put;
    }
    case "dataset": {
      if (!seen.proposals.includes(item.dataset.proposal)) return "taken";
      const put = await writer.putDataset(name, withDefinedTechniques(item.dataset, techniques));
      if (put !== "taken") seen.datasets.push(item.dataset.id);
      return put;
    }
  }
}

function keyOf(item: HarvestItem): string {
  if (item.type === "account") return item.account.account;
  return item.type === "proposal" ? item.proposal.id : item.dataset.id;
}
