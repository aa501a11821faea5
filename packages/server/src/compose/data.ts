import { join } from "node:path";
import type { Readable } from "node:stream";
import {
  type Clock,
  type DataPolicy,
  type DataRights,
  dataRights,
  type FileSource,
  type ReadDeps,
} from "@endstation/core";
import type { Logger } from "pino";
import { ownUserIds } from "../../../../bootstrap/users.mjs";
import {
  catalogueAdapters,
  type FolderAccount,
  type FolderCatalogue,
} from "../adapters/catalogue/registry.ts";
import { fileAdapters } from "../adapters/files/registry.ts";
import { readTechniques } from "../catalogue/panet.ts";
import { type HarvestSchedule, startHarvesting } from "../catalogue/schedule.ts";
import type { Config } from "../config/index.ts";
import type { ConfiningOptions } from "../hdf5/confining.ts";
import { createReaders } from "../hdf5/readers.ts";
import { createHdf5Service, type RunningHdf5Service } from "../hdf5/service.ts";
import { createCatalogueIndex } from "../store/catalogue-index.ts";
import { createCatalogueWriter } from "../store/catalogue-writer.ts";
import type { Database } from "../store/database.ts";

/** Everything that knows of data. */
export interface Data {
  readonly read: ReadDeps & { readonly files: FileSource<Readable> };
  readonly rights: DataRights;
  readonly harvest: HarvestSchedule;
  /** Answers about what is inside HDF5 files. */
  readonly hdf5: RunningHdf5Service;
  /** Everybody that the catalogues declare. */
  accounts(): Promise<readonly FolderAccount[]>;
}

export interface DataNeeds {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
}

const readersAtOnce = 2;

export function composeData({ config, database, clock, log }: DataNeeds): Data {
  const confined = confiningOf(config);
  const catalogues = cataloguesOf(config, confined, log);
  const found = findWith({ config, database, clock });
  const { techniques } = found;
  const find = { ...found, catalogues };
  const rights = dataRights(find);
  const files = fileAdapters.folder.create({ folderOf: rights.folderOf });
  const harvesting = { catalogues, writer: createCatalogueWriter(database), techniques, log };
  const harvest = startHarvesting(harvesting, { everySeconds: config.harvestEverySeconds });
  const accounts = async () =>
    (await Promise.all([...catalogues.values()].map((one) => one.declaredAccounts()))).flat();
  return { read: { ...find, files }, rights, harvest, hdf5: createHdf5Service(confined), accounts };
}

/** Whose team and which datasets, as far as the index knows: for processes that look through no catalogue. */
export function composeRights(needs: Omit<DataNeeds, "log">): Pick<DataRights, "proposalsOf" | "mayReadAll"> {
  return dataRights({ ...findWith(needs), catalogues: new Map() });
}

function findWith({ config, database, clock }: Omit<DataNeeds, "log">) {
  const policy: DataPolicy = { instrumentsOf: config.instrumentScientists };
  return { index: createCatalogueIndex(database), techniques: readTechniques(), policy, clock };
}

function confiningOf(config: Config): ConfiningOptions {
  const own = process.getuid?.() === 0 ? ownUserIds().reader : null;
  return { programFolder: config.softwareFolder, account: own === null ? null : { uid: own, gid: own } };
}

function cataloguesOf(
  config: Config,
  confined: ConfiningOptions,
  log: Logger,
): ReadonlyMap<string, FolderCatalogue> {
  const readers = createReaders({
    ...confined,
    concurrency: readersAtOnce,
    onIsolation: (isolation) => log.info({ isolation }, "files are read in confined processes"),
  });
  return new Map(
    config.catalogues.map(({ name, type, file }) => {
      const cacheFolder = join(config.stateFolder, "catalogues", name);
      return [name, catalogueAdapters[type].create({ file }, { readers, cacheFolder })] as const;
    }),
  );
}
