import type { Datafile, Dataset, Preview } from "../catalogue/dataset.ts";
import type { Proposal } from "../catalogue/proposal.ts";
import type { FacilityRole } from "../identity/principal.ts";
import type { CancelSignal } from "./cancel-signal.ts";

/** An account that a catalogue declares, with the roles it has in the facility. */
export interface DeclaredAccount {
  readonly account: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly FacilityRole[];
}

export type HarvestItem =
  | { readonly type: "account"; readonly account: DeclaredAccount }
  | { readonly type: "proposal"; readonly proposal: Proposal }
  | { readonly type: "dataset"; readonly dataset: Dataset };

/**
 * Where proposals and datasets are known. A `harvest` catalogue is read whole into the portal's index, which answers
 * every query and filters by `mayRead`. (A `live` one, asked per query, gets its own member when the first is built.)
 * Throws `Unavailable` or `Rejected` only; a damaged file is a dataset with `problems`, never an error.
 */
export interface DataCatalogue {
  readonly capabilities: { readonly mode: "harvest" };
  /** Calls when it knows that something changed, until the signal; absent when it never knows. */
  watch?(changed: () => void, signal: CancelSignal): void;
  /** Everything it has: accounts and proposals first, so that rights hold before any file is opened; then datasets. */
  harvest(signal: CancelSignal): AsyncIterable<HarvestItem>;
  /** The files of a dataset, without opening them. */
  files(dataset: string, signal: CancelSignal): Promise<readonly Datafile[]>;
  /** A small picture of the dataset's main data, at most 200 × 200 or 500 points. */
  preview(dataset: string, signal: CancelSignal): Promise<Preview>;
  /** The dataset's folder as the portal sees it: the source of its mount. Null when it is not online. */
  folder(dataset: string): Promise<string | null>;
}
