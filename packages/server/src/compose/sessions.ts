import type { Duplex } from "node:stream";
import {
  type AccessDeps,
  type ChangeDeps,
  type Clock,
  type ComputeProvider,
  type Decision,
  type EnterDeps,
  type Environment,
  type LaunchSpec,
  listDatafiles,
  mayHaveWhatIsInside,
  mayStayInside,
  Rejected,
  refuse,
  type Session,
  type ShareDeps,
} from "@endstation/core";
import type { Config } from "../config/index.ts";
import { facilityAccounts } from "../launch/facility-accounts.ts";
import { launchSpecOf, type MountableDataset } from "../launch/launch-spec.ts";
import type { Database } from "../store/database.ts";
import { createPosixAccounts, type IdentityStore } from "../store/identity.ts";
import type { Sessions } from "../store/session-store.ts";
import { createSharingStore } from "../store/sharing.ts";
import type { Data } from "./data.ts";
import { secrets } from "./platform.ts";

export interface SessionNeeds {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly store: Sessions;
  readonly data: Data;
  readonly identities: IdentityStore;
}

/** Of the data, whom may read it is all that is needed. */
export type AccessNeeds = Omit<SessionNeeds, "data"> & {
  readonly data: { readonly rights: Pick<Data["rights"], "proposalsOf" | "mayReadAll"> };
};

/** What every use case on a session needs. */
export function sessionDeps(needs: AccessNeeds): ChangeDeps & EnterDeps & ShareDeps {
  const { config, database, clock, store, data, identities } = needs;
  const access: AccessDeps = { store, teams: data.rights, clock };
  return {
    ...access,
    life: config.life,
    limits: config.admission,
    rights: data.rights,
    sharing: {
      ...createSharingStore(database),
      accountNamed: (account) => identities.accountNamed(account),
    },
    secrets,
    support: config.support,
  };
}

/**
 * Whether somebody may be inside a session now: asked again and again while she is. A log-out ends her visits in the store
 * itself; a portal that was left alone for hours does not end the work in a session.
 */
export function mayEnterWith(deps: EnterDeps, { identities }: Pick<SessionNeeds, "identities">) {
  return async (account: string, session: Session, way: string): Promise<Decision> => {
    const principal = await identities.accountNamed(account);
    if (principal === null) return refuse("not-logged-in", "this account is no longer there");
    return mayStayInside(deps, principal, session, way);
  };
}

/** Whether an owner may still have what her session holds: asked again and again while it lives. */
export function ownerMayHave(deps: EnterDeps, { identities }: Pick<SessionNeeds, "identities">) {
  return async (session: Session): Promise<boolean> => {
    const owner = await identities.accountNamed(session.owner);
    return owner !== null && mayHaveWhatIsInside(deps, owner, session);
  };
}

/** What a provider is told to start; as root everybody has an account of her own on the machine. */
export function launchSpecs(
  needs: SessionNeeds,
  environments: readonly Environment[],
): (session: Session) => Promise<LaunchSpec> {
  const { config, database, identities, store } = needs;
  const asRoot = process.getuid?.() === 0;
  const facility = facilityAccounts(config.posix);
  const range = createPosixAccounts(database, config.posix);
  const deps = {
    supply: { environments, flavours: config.flavours },
    storage: config.storage,
    posixOf: async (account: string, proposal: string | null) =>
      asRoot ? ((await facility(account, proposal)) ?? range.posixOf(account, proposal)) : null,
    scriptOf: (session: Session) => store.scriptOf(session),
    nameOf: async (account: string) => (await identities.names([account])).get(account) ?? account,
  };
  return async (session) =>
    launchSpecOf({ ...deps, datasets: (ids) => mountable(needs, session.owner, ids) }, session);
}

const never = new AbortController().signal;

/** Asked once more here: between asking for a session and its start a right may be lost. */
async function mountable(
  { data, identities }: SessionNeeds,
  owner: string,
  ids: readonly string[],
): Promise<MountableDataset[]> {
  const principal = await identities.accountNamed(owner);
  const datasets = principal === null ? null : await data.rights.datasetsFor(principal, ids, never);
  if (datasets === null || "allowed" in datasets)
    throw new Rejected("right-lost", `${owner} may no longer read the data`);
  return Promise.all(
    datasets.map(async ({ id, title }) => {
      const files = await listDatafiles(data.read, principal, id, never);
      return { id, title, folder: await data.rights.folderOf(id), files: files.map((file) => file.path) };
    }),
  );
}

/** The log of a session, from the provider that ran it. */
export function logsWith(providers: ReadonlyMap<string, ComputeProvider<Duplex>>) {
  return async (session: Session, signal: AbortSignal): Promise<string> => {
    const provider = providers.get(session.provider);
    if (provider?.logs === undefined) return "";
    return provider.logs({ sessionId: session.id, handle: session.handle }, mostLogBytes, signal);
  };
}

const mostLogBytes = 256 * 1024;
