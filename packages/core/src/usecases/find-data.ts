import type { DatasetQuery } from "../catalogue/dataset.ts";
import type { Techniques } from "../catalogue/technique.ts";
import { demand, EndstationError } from "../errors.ts";
import type { Principal } from "../identity/principal.ts";
import { authorizeScope } from "../policy/authorize.ts";
import { type DataPolicy, readerOf } from "../policy/may-read.ts";
import type { CatalogueIndex, Reader, SeenDataset, SeenProposal } from "../ports/catalogue-index.ts";
import type { Clock } from "../ports/clock.ts";
import type { Page, PageRequest } from "../ports/session-store.ts";

export interface FindDeps {
  readonly index: CatalogueIndex;
  readonly techniques: Techniques;
  readonly policy: DataPolicy;
  readonly clock: Clock;
}

/** The proposals she may know of: her own and those whose data are open or listed. */
export async function listProposals(
  deps: FindDeps,
  principal: Principal | null,
  request: { readonly mine: boolean; readonly page: PageRequest },
): Promise<Page<SeenProposal>> {
  return deps.index.proposals(readerFor(deps, principal), request.mine, request.page);
}

/** @throws not-found when there is none, or none that she may know of. */
export async function getProposal(
  deps: FindDeps,
  principal: Principal | null,
  id: string,
): Promise<SeenProposal> {
  const found = await deps.index.proposal(readerFor(deps, principal), id);
  if (found === null)
    throw new EndstationError("not-found", "there is no such proposal among those you may see");
  return found;
}

/** The datasets she may know of that fit the query. */
export async function listDatasets(
  deps: FindDeps,
  principal: Principal | null,
  request: { readonly query: DatasetQuery; readonly page: PageRequest },
): Promise<Page<SeenDataset>> {
  const reader = readerFor(deps, principal);
  const { technique, ...rest } = request.query;
  const techniques =
    technique === undefined ? {} : { techniques: deps.techniques.withDescendants(technique) };
  return deps.index.datasets(reader, { ...rest, ...techniques }, request.page);
}

/** What is known of a dataset, also while it is under embargo. @throws not-found as {@link getProposal}. */
export async function getDataset(
  deps: FindDeps,
  principal: Principal | null,
  id: string,
): Promise<SeenDataset> {
  const [found] = await deps.index.datasetsById(readerFor(deps, principal), [id]);
  if (found === undefined) throw new EndstationError("not-found", datasetNotFound);
  return found;
}

/** The same words for what is not there and what she may not see. */
export const datasetNotFound = "there is no such dataset among those you may see";

function readerFor(deps: FindDeps, principal: Principal | null): Reader {
  demand(authorizeScope(principal, "read"));
  return readerOf(principal as Principal, deps.policy, deps.clock.now());
}
