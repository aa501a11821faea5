import { chmod, mkdir } from "node:fs/promises";
import {
  EndstationError,
  type Environment,
  type Flavour,
  type Job,
  type LaunchSpec,
  type Mount,
  type PosixAccount,
  Rejected,
  type Session,
  type SessionDataset,
} from "@endstation/core";
import { ensureFolder, homeOf, resultsOf, type Storage } from "./storage.ts";

/** A dataset to be mounted: its folder as the portal sees it, and its files below that. */
export interface MountableDataset {
  readonly id: string;
  readonly title: string;
  readonly folder: string | null;
  readonly files: readonly string[];
}

export interface LaunchSpecDeps {
  readonly supply: { readonly environments: readonly Environment[]; readonly flavours: readonly Flavour[] };
  readonly storage: Storage;
  datasets(ids: readonly string[]): Promise<readonly MountableDataset[]>;
  /** The account on the machines; its `gid` is shared by the proposal's team. Null when everything runs as ourselves. */
  posixOf(account: string, proposal: string | null): Promise<PosixAccount | null>;
  nameOf(account: string): Promise<string>;
  /** The text of the program that a batch session runs; null: it runs its notebook. */
  scriptOf(session: Session): Promise<string | null>;
}

/**
 * Everything a provider needs to start a session, with the home and results folders made ready.
 * @throws Rejected when something it was asked for is no longer there.
 */
export async function launchSpecOf(deps: LaunchSpecDeps, session: Session): Promise<LaunchSpec> {
  const environment = deps.supply.environments.find((one) => one.name === session.environment);
  if (environment === undefined)
    throw new Rejected("environment-unknown", `there is no environment "${session.environment}" any more`);
  const flavour = deps.supply.flavours.find((one) => one.name === session.flavour);
  if (flavour === undefined)
    throw new Rejected("flavour-unknown", `there is no flavour "${session.flavour}" any more`);
  const datasets = await deps.datasets(session.datasets);
  const posix = await deps.posixOf(session.owner, session.proposal);
  return {
    sessionId: session.id,
    attempt: session.attempt,
    kind: session.kind,
    endpoints: session.endpoints,
    posix: posix ?? ourselves(),
    source: environment.source,
    flavour,
    mounts: [...datasets.map(dataMount), ...(await ownMounts(deps.storage, session, posix))],
    document: {
      session: { id: session.id, name: session.name, kind: session.kind, attempt: session.attempt },
      owner: { account: session.owner, name: await deps.nameOf(session.owner) },
      proposal: session.proposal,
      environment: session.environment,
      datasets: datasets.map(inside),
      notebook: session.notebook,
      parameters: session.parameters,
      job: await jobOf(deps, session),
    },
  };
}

async function jobOf(deps: LaunchSpecDeps, session: Session): Promise<Job | null> {
  const { batch } = session;
  if (batch === null) return null;
  return { script: batch.hasScript ? await deps.scriptOf(session) : null, arguments: batch.arguments };
}

function inside({ id, title, files }: MountableDataset): SessionDataset {
  return { id, title, path: `/data/${id}`, files };
}

function dataMount({ id, folder }: MountableDataset): Mount {
  if (folder === null) throw new Rejected("dataset-unreadable", `the dataset "${id}" is not online`);
  return { source: folder, target: `/data/${id}`, readOnly: true };
}

async function ownMounts(storage: Storage, session: Session, posix: PosixAccount | null): Promise<Mount[]> {
  const home = homeOf(storage, session.owner);
  const results = resultsOf(storage, session.proposal, session.owner);
  try {
    await passable(storage);
    await ensureFolder(home, posix, 0o700);
    await ensureFolder(
      results,
      posix === null || session.proposal === null ? posix : { uid: 0, gid: posix.gid },
      session.proposal === null ? 0o700 : 0o2770,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC")
      throw new EndstationError("disk-full", `making the folders of ${session.owner}`, { cause: error });
    throw error;
  }
  return [
    { source: home, target: "/home/user", readOnly: false },
    { source: results, target: "/results", readOnly: false },
  ];
}

/** A session's account must get through to its own folders, and can list nobody else's. */
async function passable({ homes, results }: Storage): Promise<void> {
  for (const folder of [homes, results, `${results}/proposals`, `${results}/personal`]) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o711);
  }
}

function ourselves(): PosixAccount {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: [] };
}
