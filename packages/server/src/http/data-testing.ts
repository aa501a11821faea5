import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { routes } from "@endstation/api";
import {
  type DataRights,
  dataRights,
  EndstationError,
  type FacilityRole,
  type Principal,
  type ReadDeps,
} from "@endstation/core";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { createFolderCatalogue } from "../adapters/catalogue/folder/index.ts";
import { createFolderFiles } from "../adapters/files/folder/index.ts";
import { harvestOnce } from "../catalogue/harvester.ts";
import { readTechniques } from "../catalogue/panet.ts";
import { limits } from "../hdf5/limits.ts";
import type { RunningHdf5Service } from "../hdf5/service.ts";
import { createCatalogueIndex } from "../store/catalogue-index.ts";
import { createCatalogueWriter } from "../store/catalogue-writer.ts";
import { withDatabase } from "../store/testing.ts";
import { demonstrationFacility, temporaryFolder, testHdf5Service, testReaders } from "../testing/archive.ts";
import { registerApi } from "./api.ts";
import { createApp } from "./app.ts";
import { registerDatafileBytes } from "./datafile-bytes.ts";
import { datasetHandlers } from "./datasets.ts";
import type { Handlers } from "./handlers.ts";
import { registerHdf5 } from "./hdf5.ts";
import { proposalHandlers } from "./proposals.ts";

/** A portal over the real archive that can do nothing but show data; it believes the account it is told. */
export interface DataPortal {
  readonly app: FastifyInstance;
  readonly url: string;
  /** Where the archive of this portal lies. */
  readonly archive: string;
  readonly rights: DataRights;
  /** Asks as somebody: `get("pi", "/datasets")`; as nobody with null. */
  get(account: string | null, path: string, headers?: Record<string, string>): Promise<Response>;
}

export const now = Date.UTC(2026, 0, 15);

const roles: Readonly<Record<string, readonly FacilityRole[]>> = {
  admin: ["admin"],
  support: ["support"],
  "local-contact": ["instrument-scientist"],
};

export function principalNamed(account: string): Principal {
  return { account, name: account, email: null, roles: roles[account] ?? [], scopes: null };
}

/** Runs a test against the portal on a port of its own. The archive's LARMOR proposal is listed, so that one is embargoed. */
export async function withDataPortal(test: (portal: DataPortal) => Promise<void>): Promise<void> {
  const root = await temporaryFolder("portal");
  const archive = join(root, "archive");
  await cp(dirname(await demonstrationFacility()), archive, { recursive: true });
  await spice(archive);
  const readers = await testReaders();
  const catalogue = createFolderCatalogue(
    { file: join(archive, "facility.yaml") },
    { readers, cacheFolder: join(root, "cache") },
  );
  await withDatabase(async (database) => {
    const catalogues = new Map([["archive", catalogue]]);
    const techniques = readTechniques();
    const log = pino({ level: "silent" });
    await harvestOnce(
      { catalogues, writer: createCatalogueWriter(database), techniques, log },
      "archive",
      new AbortController().signal,
    );
    const index = createCatalogueIndex(database);
    const policy = { instrumentsOf: { "local-contact": ["SIXS", "X23A3 USAXS"] } };
    const read: ReadDeps = { index, techniques, policy, clock: { now: () => now }, catalogues };
    const service = await testHdf5Service();
    const app = await portalWith(read, service);
    await app.listen({ host: "127.0.0.1", port: 0 });
    const url = `http://127.0.0.1:${(app.server.address() as { port: number }).port}`;
    const get: DataPortal["get"] = (account, path, headers = {}) =>
      fetch(`${url}/api/v1${path}`, {
        headers: { ...headers, ...(account === null ? {} : { "x-account": account }) },
      });
    const rights = dataRights(read);
    try {
      await test({ app, url, archive, rights, get });
    } finally {
      await app.close();
      service.close();
    }
  });
}

async function portalWith(read: ReadDeps, service: RunningHdf5Service): Promise<FastifyInstance> {
  const app = await createApp({
    log: pino({ level: "silent" }),
    front: { handleRequest: () => false, handleUpgrade: () => false },
    trustedProxies: [],
  });
  const authenticate = async (request: { headers: Record<string, unknown> }) => {
    const account = request.headers["x-account"];
    return typeof account === "string" ? principalNamed(account) : null;
  };
  const liveSessions = async (proposals: readonly string[]) => new Map(proposals.map((id) => [id, 7]));
  const handlers = {
    ...noOtherHandlers(),
    ...proposalHandlers({ find: read, liveSessions }),
    ...datasetHandlers(read),
  };
  registerApi(app, handlers, authenticate);
  const folderOf = async (dataset: string) => read.catalogues.get("archive")?.folder(dataset) ?? null;
  registerDatafileBytes(app, { read: { ...read, files: createFolderFiles({ folderOf }) }, authenticate });
  registerHdf5(app, { read: { ...read, hdf5: service }, authenticate, sending: limits.serving.sending });
  return app;
}

/** What a real archive may also hold: a page that would run in a browser, a link out, a folder, an odd name. */
async function spice(archive: string): Promise<void> {
  const folder = join(archive, "bam-oriented-iron/bam-oriented-iron");
  await mkdir(join(folder, "inner"));
  await writeFile(join(folder, "inner/evil.html"), "<script>alert(document.domain)</script>");
  await writeFile(join(folder, "inner/Größe 100%.txt"), "0123456789");
  await writeFile(join(folder, "inner/empty.txt"), "");
  await symlink("/etc/passwd", join(folder, "passwd"));
  await symlink("../../ipns-2001-mgb2/lrmecs-3701-mgb2-8k/chopper.nxs", join(folder, "of-others.nxs"));
  const file = join(archive, "facility.yaml");
  const text = (await readFile(file, "utf8")).replace(
    "    instrument: larmor\n",
    "    instrument: larmor\n    listed: true\n",
  );
  await writeFile(file, text);
}

function noOtherHandlers(): Handlers {
  const refuse = async () => {
    throw new EndstationError("not-found", "not in this test");
  };
  return Object.fromEntries(Object.keys(routes).map((name) => [name, refuse])) as unknown as Handlers;
}
