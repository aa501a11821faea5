import type { Datafile, Dataset, Preview } from "../catalogue/dataset.ts";
import { EndstationError, type Refusal, refuse } from "../errors.ts";
import type { Principal } from "../identity/principal.ts";
import { readerOf } from "../policy/may-read.ts";
import type { CancelSignal } from "../ports/cancel-signal.ts";
import type { SeenDataset } from "../ports/catalogue-index.ts";
import type { DataCatalogue } from "../ports/data-catalogue.ts";
import type { FileSource, OpenFile } from "../ports/file-source.ts";
import type { Hdf5Answer, Hdf5Question, Hdf5Service } from "../ports/hdf5-service.ts";
import type { ReadRights } from "./enter-session.ts";
import { datasetNotFound, type FindDeps, getDataset } from "./find-data.ts";
import type { Teams } from "./session-access.ts";
import type { SessionData } from "./start-session.ts";

export interface ReadDeps extends FindDeps {
  readonly catalogues: ReadonlyMap<string, DataCatalogue>;
}

/** @throws not-found · dataset-embargoed when she may only know of it. */
export async function listDatafiles(
  deps: ReadDeps,
  principal: Principal | null,
  id: string,
  signal: CancelSignal,
): Promise<readonly Datafile[]> {
  const seen = await readable(deps, principal, id);
  return catalogueOf(deps, seen).files(id, signal);
}

/** @throws as {@link listDatafiles}. */
export async function getPreview(
  deps: ReadDeps,
  principal: Principal | null,
  id: string,
  signal: CancelSignal,
): Promise<Preview> {
  const seen = await readable(deps, principal, id);
  return catalogueOf(deps, seen).preview(id, signal);
}

/** What is inside an HDF5 file of a dataset. @throws as {@link listDatafiles}, and as {@link Hdf5Service.ask}. */
export async function askHdf5(
  deps: ReadDeps & { readonly hdf5: Hdf5Service },
  principal: Principal | null,
  id: string,
  question: Hdf5Question,
  signal: CancelSignal,
): Promise<Hdf5Answer> {
  const seen = await readable(deps, principal, id);
  const folder = await catalogueOf(deps, seen).folder(id);
  if (folder === null) throw new EndstationError("not-found", "the dataset's files are not online");
  return deps.hdf5.ask({ folder, rights: seen.access }, question, signal);
}

/** Opens a file of a dataset; the caller reads or closes it. @throws as {@link listDatafiles}; not-found also for the file. */
export async function openDatafile<Stream>(
  deps: ReadDeps & { readonly files: FileSource<Stream> },
  principal: Principal | null,
  id: string,
  path: string,
  signal: CancelSignal,
): Promise<OpenFile<Stream>> {
  await readable(deps, principal, id);
  const file = await deps.files.open(id, path, signal);
  if (file === null) throw new EndstationError("not-found", "the dataset has no such file");
  return file;
}

/** What sessions ask of the data: whose team, which datasets, whether still. */
export type DataRights = SessionData & Teams & ReadRights;

export function dataRights(deps: ReadDeps): DataRights {
  const mayReadAll = async (principal: Principal, ids: readonly string[]) =>
    !("allowed" in (await readableAll(deps, principal, ids)));
  return {
    proposalsOf: (account) => deps.index.proposalsOf(account),
    datasetsFor: (principal, ids) => readableAll(deps, principal, ids),
    mayReadAll,
    folderOf: async (dataset) => {
      for (const catalogue of deps.catalogues.values()) {
        const folder = await catalogue.folder(dataset);
        if (folder !== null) return folder;
      }
      return null;
    },
  };
}

async function readable(deps: ReadDeps, principal: Principal | null, id: string): Promise<SeenDataset> {
  const seen = await getDataset(deps, principal, id);
  if (seen.access === "embargoed") throw new EndstationError("dataset-embargoed", embargoWords(seen.dataset));
  return seen;
}

/** All of them in the order asked for, or the first refusal. */
async function readableAll(
  deps: ReadDeps,
  principal: Principal,
  ids: readonly string[],
): Promise<readonly Dataset[] | Refusal> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return [];
  const seen = await deps.index.datasetsById(readerOf(principal, deps.policy, deps.clock.now()), wanted);
  if (seen.length < wanted.length) return refuse("not-found", datasetNotFound);
  const embargoed = seen.find((one) => one.access === "embargoed");
  if (embargoed !== undefined) return refuse("dataset-embargoed", embargoWords(embargoed.dataset));
  return seen.map((one) => one.dataset);
}

function catalogueOf(deps: ReadDeps, seen: SeenDataset): DataCatalogue {
  const catalogue = deps.catalogues.get(seen.catalogue);
  if (catalogue !== undefined) return catalogue;
  throw new EndstationError("part-down", `the catalogue "${seen.catalogue}" is not configured any more`);
}

function embargoWords(dataset: Dataset): string {
  return dataset.releaseAt === null
    ? `"${dataset.title}" is proprietary and is not released`
    : `"${dataset.title}" is not released yet`;
}
