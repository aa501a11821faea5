import type { Access, Dataset, DatasetQuery } from "../catalogue/dataset.ts";
import type { Proposal } from "../catalogue/proposal.ts";
import type { MemberRole } from "../identity/principal.ts";
import type { Instant } from "../time.ts";
import type { DeclaredAccount } from "./data-catalogue.ts";
import type { Page, PageRequest } from "./session-store.ts";

/** Who reads, reduced to what decides it: made by `readerOf`, so that the rule itself stays in one place. */
export interface Reader {
  readonly account: string;
  /** Instruments whose data she may read as their scientist. */
  readonly instruments: readonly string[];
  readonly now: Instant;
}

/** A dataset as one reader sees it. */
export interface SeenDataset {
  readonly dataset: Dataset;
  readonly access: Access;
  /** Name of the catalogue that knows it: who is asked for its files. */
  readonly catalogue: string;
}

/** A proposal as one reader sees it. */
export interface SeenProposal {
  readonly proposal: Proposal;
  readonly access: Access;
  readonly myRole: MemberRole | null;
  /** How many of its datasets she may know of. */
  readonly datasetCount: number;
}

/** A {@link DatasetQuery} with the technique expanded: one of `techniques` will do. */
export interface IndexQuery extends Omit<DatasetQuery, "technique"> {
  readonly techniques?: readonly string[];
}

/**
 * All harvested catalogues in one place. Every answer holds only what the reader may know of, by the same rule as
 * `accessTo`: one table of cases (core/testing) tests both. A cursor that it did not make is `malformed-request`.
 */
export interface CatalogueIndex {
  /** The newest first; `mine`: only those whose team she is in. */
  proposals(reader: Reader, mine: boolean, page: PageRequest): Promise<Page<SeenProposal>>;
  proposal(reader: Reader, id: string): Promise<SeenProposal | null>;
  /** The newest first, those without a date last. */
  datasets(reader: Reader, query: IndexQuery, page: PageRequest): Promise<Page<SeenDataset>>;
  /** Those of `ids` that the reader may know of, in the order of `ids`, each once. */
  datasetsById(reader: Reader, ids: readonly string[]): Promise<readonly SeenDataset[]>;
  proposalsOf(account: string): Promise<ReadonlySet<string>>;
  /** What a catalogue declares of an account; null when none does. */
  account(account: string): Promise<DeclaredAccount | null>;
}
