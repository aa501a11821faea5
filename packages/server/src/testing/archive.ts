import { chmod, mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { buildDemonstrationArchive } from "../../../../demo/build.mjs";
import { createReaders, type ReaderOptions, type Readers } from "../hdf5/readers.ts";
import { createHdf5Service, type Hdf5Options, type RunningHdf5Service } from "../hdf5/service.ts";

const isRoot = process.getuid?.() === 0;
const state = isRoot ? "/var/lib/endstation" : join(homedir(), ".local/state/endstation");
export const softwareFolder = process.env["ENDSTATION_SOFTWARE"] ?? join(state, "software");

/** The demonstration facility's `facility.yaml` with its real measurements, made once per machine. Not to be changed. */
export async function demonstrationFacility(): Promise<string> {
  const archiveFolder = join(softwareFolder, "demonstration");
  return (await buildDemonstrationArchive({ softwareFolder, archiveFolder })).facilityFile;
}

/** A folder of this test process, removed at its end; on a path that another account can enter. */
export async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `est-${name}-`));
  await chmod(folder, 0o755);
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Readers as the portal has them: with an account of their own when the tests run as root. */
export async function testReaders(more: Partial<ReaderOptions> = {}): Promise<Readers> {
  const account = isRoot ? { uid: 59_907, gid: 59_907 } : null;
  return createReaders({ programFolder: await temporaryFolder("reader"), account, concurrency: 2, ...more });
}

/** The HDF5 service as the portal has it; to be closed. */
export async function testHdf5Service(more: Partial<Hdf5Options> = {}): Promise<RunningHdf5Service> {
  const account = isRoot ? { uid: 59_907, gid: 59_907 } : null;
  return createHdf5Service({ programFolder: await temporaryFolder("reader"), account, ...more });
}
