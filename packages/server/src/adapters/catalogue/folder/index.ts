import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import {
  type CancelSignal,
  type DataCatalogue,
  type DeclaredAccount,
  type HarvestItem,
  type Preview,
  Rejected,
  Unavailable,
} from "@endstation/core";
import type { Readers } from "../../../hdf5/readers.ts";
import { type Archive, type Declared, openArchive } from "./archive.ts";
import { type FolderConfig, folderConfig } from "./config.ts";
import { type DatasetReading, joined } from "./dataset-reading.ts";
import type { Facility } from "./facility.ts";
import { datasetFrom, proposalFrom } from "./items.ts";
import { type Listing, listFolder } from "./listing.ts";
import { keepReadings } from "./readings.ts";

export { folderConfig };

/** An account of the archive, with what the log-in page of the development issuer says of it. */
export interface FolderAccount extends DeclaredAccount {
  readonly sees: string;
}

export interface FolderCatalogue extends DataCatalogue {
  /** Everybody the archive declares: for the development issuer. */
  declaredAccounts(): Promise<readonly FolderAccount[]>;
}

export interface FolderCatalogueDeps {
  readonly readers: Readers;
  /** A folder of the portal's own for what the files say, so that an unchanged file is opened once. */
  readonly cacheFolder: string;
}

/** How many datasets are looked at together while the archive is harvested. */
const abreast = 4;

/** A declared archive on disk: `facility.yaml` and a folder per dataset. */
export function createFolderCatalogue({ file }: FolderConfig, deps: FolderCatalogueDeps): FolderCatalogue {
  const archive = openArchive(file);
  const readings = keepReadings(deps.readers, deps.cacheFolder);

  const lookAt = async (
    declared: Declared,
    signal: CancelSignal,
    {
      urgent,
      otherwise,
    }: { readonly urgent: boolean; readonly otherwise: (error: unknown) => DatasetReading },
  ) => {
    const folder = await archive.folderOf(declared);
    if (folder === null) return null;
    const listing = await listFolder(folder);
    const reading = await readings.of(declared.dataset.id, folder, listing, urgent, signal).catch(otherwise);
    return { listing, reading };
  };
  const find = async (id: string) => (await archive.read()).datasets.get(id) ?? null;

  return {
    capabilities: { mode: "harvest" },
    watch: (changed, signal) => watchFile(file, changed, signal),
    harvest: async function* (signal) {
      const patient = { urgent: false, otherwise: notNow };
      yield* harvest(archive, (declared) => lookAt(declared, signal, patient), signal);
      if (!signal.aborted) await readings.keepOnly((await archive.read()).datasets);
    },
    files: async (id, signal) => {
      const declared = await find(id);
      const here =
        declared === null ? null : await lookAt(declared, signal, { urgent: true, otherwise: notNow });
      return here === null ? [] : withReasons(here);
    },
    preview: async (id, signal): Promise<Preview> => {
      const declared = await find(id);
      if (declared === null) return { shape: "none", why: "there is no such dataset" };
      const here = await lookAt(declared, signal, { urgent: true, otherwise: fail });
      return here === null ? { shape: "none", why: "its data are not here" } : here.reading.plot;
    },
    folder: async (id) => {
      const declared = await find(id);
      return declared === null ? null : archive.folderOf(declared);
    },
    declaredAccounts: async () =>
      (await archive.read()).facility.accounts.map(({ sees, ...account }) => ({
        ...account,
        sees: sees ?? "",
      })),
  };
}

function fail(error: unknown): never {
  throw error;
}

/** Where nothing can be read at the moment the dataset is there all the same, and the next harvest tries again. */
function notNow(error: unknown): DatasetReading {
  if (!(error instanceof Unavailable)) throw error;
  return {
    ...joined(new Map()),
    remarks: [`what its files say cannot be read at the moment: ${error.message}`],
  };
}

type Here = { readonly listing: Listing; readonly reading: DatasetReading };

async function* harvest(
  archive: Archive,
  lookAt: (declared: Declared) => Promise<Here | null>,
  signal: CancelSignal,
): AsyncGenerator<HarvestItem> {
  const { facility, datasets } = await archive.read();
  for (const { sees: _, ...account } of facility.accounts) yield { type: "account", account };
  for (const proposal of facility.proposals)
    yield { type: "proposal", proposal: proposalFrom(facility, proposal) };
  yield* datasetsOf(facility, [...datasets.values()], lookAt, signal);
}

/** In the order of the file, a few ahead of the one that is given out. */
async function* datasetsOf(
  facility: Facility,
  all: readonly Declared[],
  lookAt: (declared: Declared) => Promise<Here | null>,
  signal: CancelSignal,
): AsyncGenerator<HarvestItem> {
  const ahead: { readonly declared: Declared; readonly here: Promise<Here | null> }[] = [];
  for (let next = 0; next < all.length || ahead.length > 0; ) {
    if (signal.aborted) return;
    while (ahead.length < abreast && next < all.length) {
      const declared = all[next] as Declared;
      const here = lookAt(declared);
      here.catch(() => {});
      ahead.push({ declared, here });
      next += 1;
    }
    const { declared, here } = ahead.shift() as (typeof ahead)[number];
    const found = await here;
    if (signal.aborted) return;
    yield { type: "dataset", dataset: datasetFrom(facility, declared, found) };
  }
}

/** The listing with the reasons that only showed when the files were read. */
function withReasons({ listing, reading }: Here) {
  const reasons = new Map(reading.problems.map(({ path, problem }) => [path, problem]));
  return listing.files.map((file) => ({ ...file, problem: file.problem ?? reasons.get(file.path) ?? null }));
}

function watchFile(file: string, changed: () => void, signal: CancelSignal): void {
  const name = basename(file);
  try {
    const watcher = watch(dirname(file), { persistent: false }, (_event, which) => {
      if (which === name) changed();
    });
    watcher.on("error", () => watcher.close());
    signal.addEventListener("abort", () => watcher.close());
  } catch (error) {
    throw new Rejected(
      "config-invalid",
      `${file} cannot be watched (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}
