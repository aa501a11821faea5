import type { Dataset, Proposal } from "@endstation/core";
import type { ColumnType } from "kysely";

/** `body` holds the whole domain value as JSON; the other columns are what queries and rights need of it. */
export interface ProposalsTable {
  id: string;
  catalogue: string;
  instrument: string;
  release_at: number | null;
  listed: boolean;
  sort_at: number;
  body: ColumnType<Proposal, string, string>;
  digest: string;
  version: number;
}

export interface DatasetsTable {
  id: string;
  catalogue: string;
  proposal: string;
  instrument: string;
  techniques: string[];
  created_at: number | null;
  release_at: number | null;
  sort_at: number;
  body: ColumnType<Dataset, string, string>;
  words: ColumnType<never, unknown, unknown>;
  digest: string;
  version: number;
}

export interface CatalogueTables {
  catalogue_accounts: {
    catalogue: string;
    account: string;
    name: string;
    email: string | null;
    roles: string[];
  };
  proposals: ProposalsTable;
  proposal_members: { proposal: string; account: string; role: string };
  datasets: DatasetsTable;
}
