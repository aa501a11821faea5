import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { Hint } from "@endstation/api";
import type { Clock, ComputeProvider, Ids } from "@endstation/core";
import type { FastifyInstance } from "fastify";
import type pg from "pg";
import type { Logger } from "pino";
import type { Config } from "../config/index.ts";
import { type BuiltEnvironments, readEnvironments } from "../environments/registry.ts";
import { createApp } from "../http/app.ts";
import type { FromSession } from "../http/from-session.ts";
import { listenOn } from "../http/listen.ts";
import { supplyOf } from "../launch/supply.ts";
import { createMailer } from "../notify/mail.ts";
import { notifyWith } from "../notify/notify.ts";
import { startRunner } from "../runner/runner.ts";
import { openDatabase } from "../store/database.ts";
import { createHintFeed } from "../store/hints.ts";
import { createIdentityStore } from "../store/identity.ts";
import { migrate } from "../store/migrate.ts";
import { createNoticeStore } from "../store/notices.ts";
import { createProviderStates } from "../store/provider-states.ts";
import { createSessionStore } from "../store/session-store.ts";
import type { Attempt } from "../transports/tunnel/index.ts";
import { composeData } from "./data.ts";
import { composeGateway } from "./gateway.ts";
import { composeHttp } from "./http.ts";
import { composeIdentity, keepPeople } from "./people.ts";
import { platform as realPlatform } from "./platform.ts";
import { composeProviders, warmUp } from "./providers.ts";
import { launchSpecs, ownerMayHave, sessionDeps } from "./sessions.ts";
import { composeTunnels } from "./tunnels.ts";
import { startWorkers, type Workers } from "./workers.ts";

const root = join(import.meta.dirname, "../../../..");

/** What was made ready on the machine. */
export interface Machine {
  readonly database: pg.PoolConfig;
  readonly environments: BuiltEnvironments;
  /** The bundled user interface; null: the API alone. */
  readonly webFolder: string | null;
  /** The launcher's files, where sessions can read them. */
  readonly launcherFolder: string;
}

export interface PortalOptions {
  readonly config: Config;
  readonly machine: Machine;
  readonly log: Logger;
  /** In place of the configured ones: for benches and tests. */
  readonly providers?: ReadonlyMap<string, ComputeProvider<Duplex>>;
  readonly platform?: Clock & Ids;
}

/** A portal that is put together and runs sessions, but does not listen before it is told to. */
export interface Portal {
  readonly app: FastifyInstance;
  /** On these addresses, in this process or in gateway workers, as configured. @throws what listening throws */
  listen(addresses: readonly string[], port: number): Promise<void>;
  /** The first harvest of every catalogue. */
  readonly harvested: Promise<void>;
  /** Takes no more requests, ends its parts in order; sessions go on. */
  close(): Promise<void>;
}

/**
 * A portal with a database of its own is alone: under the same name it goes on at once with what it was killed over. Of
 * several on a facility's database each has a name of its own.
 */
function runnerName({ databaseUrl }: Config): string {
  return databaseUrl === null ? "portal" : `${hostname()}-${randomUUID()}`;
}

/** Each environment's list of static files, where it has one. */
function listsOf(environments: BuiltEnvironments): [environment: string, list: string][] {
  return Object.entries(environments).flatMap(([name, { staticFiles }]) =>
    staticFiles == null ? [] : [[name, staticFiles] as [string, string]],
  );
}

/** Puts the portal together: the only place that knows every part. */
export async function compose({
  config,
  machine,
  log,
  providers: given,
  platform = realPlatform,
}: PortalOptions): Promise<Portal> {
  const clock: Clock = platform;
  const database = openDatabase(machine.database);
  await migrate(database);
  const store = createSessionStore(database, config.life);
  const identities = createIdentityStore(database);
  const data = composeData({ config, database, clock, log });
  const accounts = await data.accounts();
  await identities.declareAccounts(accounts, clock.now());
  const people = keepPeople(identities, data.accounts, clock, log);
  const identity = await composeIdentity(config, accounts);
  let fromSession: FromSession | null = null;
  const onPortal = ({ sessionId }: Attempt, connection: Duplex) =>
    fromSession === null ? connection.destroy() : fromSession.take(sessionId, connection);
  const tunnels = await composeTunnels(config, database, log, onPortal);
  const providers =
    given === undefined
      ? composeProviders(config, { launcherFolder: machine.launcherFolder, tunnels, clock }, log)
      : { byName: given, close: async () => {} };
  const environments = await readEnvironments(
    join(root, "environments"),
    machine.environments,
    config.sources,
  );
  const needs = { config, database, clock, store, data, identities };
  const sessions = sessionDeps(needs);
  const staticLists = listsOf(machine.environments);
  const gateway = await composeGateway({ ...needs, sessions, staticLists, providers: providers.byName, log });
  const app = await createApp({ log, front: gateway, trustedProxies: config.trustedProxies });
  const feed = await createHintFeed<Hint["resource"]>(database);
  const states = createProviderStates(database);
  const notices = createNoticeStore(database);
  const mail = config.mail === null ? null : createMailer({ ...config.mail, portal: config.publicUrl });
  const supply = supplyOf({
    environments,
    flavours: config.flavours,
    providers: providers.byName,
    rules: new Map(config.compute.map(({ name, onlyFor }) => [name, onlyFor ?? null])),
    states,
  });
  fromSession = await composeHttp(app, {
    ...needs,
    sessions,
    supply,
    states,
    notices,
    platform,
    log,
    gateway,
    identity,
    feed,
    providers: providers.byName,
    webFolder: machine.webFolder,
  });
  const runner = await startRunner({
    database,
    store,
    providers: providers.byName,
    clock,
    limits: config.life,
    log,
    owner: runnerName(config),
    launchSpecOf: launchSpecs(needs, environments),
    notify: notifyWith({
      notices,
      clock,
      mail,
      addressOf: async (account) => (await identities.accountNamed(account))?.email ?? null,
    }),
    ownerMayRead: ownerMayHave(sessions, needs),
  });
  void warmUp(providers, environments).catch((error: unknown) =>
    log.warn({ err: error }, "environments were not loaded beforehand"),
  );
  let workers: Workers | null = null;
  const listen = async (addresses: readonly string[], port: number) => {
    if (config.workers === 1) return listenOn(app, addresses, port);
    await app.ready();
    const own = { config, database: machine.database, providers: providers.byName, staticLists };
    workers = await startWorkers({ ...own, server: app.server, addresses, port, log });
  };
  const close = async () => {
    people.stop();
    await Promise.all([workers?.close(), gateway.close(), data.harvest.stop(), feed.close()]);
    await Promise.all([app.close(), fromSession?.close()]);
    data.hdf5.close();
    await runner.stop();
    mail?.close();
    await providers.close();
    await tunnels.close();
    await database.close();
  };
  return { app, listen, harvested: data.harvest.first, close };
}
