import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import pino from "pino";
import { oidcConfig } from "../../../packages/server/src/adapters/identity/registry.ts";
import { compose, type Portal } from "../../../packages/server/src/compose/compose.ts";
import { type Config, readConfig } from "../../../packages/server/src/config/index.ts";
import { hostsOf } from "../../../packages/server/src/gateway/hosts.ts";
import { ToyProvider } from "../../../packages/server/src/runner/testing/toy-provider.ts";
import { type Database, openDatabase } from "../../../packages/server/src/store/database.ts";
import { createIdentityStore, type IdentityStore } from "../../../packages/server/src/store/identity.ts";
import { testPostgres } from "../../../packages/server/src/store/testing.ts";
import { demonstrationFacility } from "../../../packages/server/src/testing/archive.ts";
import { freePort } from "../../support/portal.ts";
import { type Front, startFront } from "./front.ts";
import { type Issuer, startIssuer } from "./issuer.ts";
import { type SessionServer, startSessionServer } from "./session-server.ts";
import type { Setting } from "./setting.ts";

/** A whole portal in one setting, with sessions whose servers the attacker writes, and everything that the log was told. */
export interface World {
  readonly setting: Setting;
  readonly origin: string;
  /** The origin of a session with this label. */
  originOf(label: string): string;
  readonly portal: Portal;
  readonly front: Front;
  readonly issuer: Issuer;
  readonly identities: IdentityStore;
  readonly database: Database;
  readonly log: string[];
  /** What the portal's own origin answered, newest last. */
  readonly requests: { readonly url: string; readonly status: number }[];
  /** A session server for a session: connections to it are dialled there from now on. */
  serve(sessionId: string): Promise<SessionServer>;
  close(): Promise<void>;
}

export async function startWorld(setting: Setting): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "est-attacks-"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>portal</title><h1>The portal</h1>");
  const issuer = await startIssuer();
  const provider = new StagedProvider({ now: () => Date.now() });
  const connection = await freshDatabase();
  const log: string[] = [];
  const portal = await compose({
    config: { ...(await configFor(setting, issuer)), stateFolder: folder },
    machine: {
      database: connection,
      environments: { nexus: { path: "/nowhere" } },
      webFolder: folder,
      launcherFolder: folder,
    },
    providers: new Map([["toy", provider]]),
    log: pino({ level: "trace" }, { write: (line) => void log.push(line) }),
  });
  const requests: World["requests"] = [];
  portal.app.addHook(
    "onResponse",
    async ({ url }, { statusCode: status }) => void requests.push({ url, status }),
  );
  await portal.harvested;
  const port = await freePort();
  await portal.listen(["127.0.0.1"], port);
  const front = await startFront(setting, port);
  const database = openDatabase(connection);
  const servers: SessionServer[] = [];
  return {
    ...{ setting, portal, front, issuer, log, requests, database, identities: createIdentityStore(database) },
    origin: setting.publicUrl,
    originOf: hostsOf(setting.publicUrl, setting.sessionsDomain ?? undefined).originOf,
    serve: async (sessionId) => {
      const server = await startSessionServer();
      provider.sockets.set(sessionId, server.socket);
      servers.push(server);
      return server;
    },
    close: async () => {
      await front.close();
      await portal.close();
      await Promise.all([issuer.close(), database.close(), ...servers.map((server) => server.close())]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function configFor({ publicUrl, sessionsDomain, tls }: Setting, issuer: Issuer): Promise<Config> {
  const config = readConfig({ argv: [], env: process.env });
  const limits = { ...config.admission, sessionsPerPerson: 1_000 };
  return {
    ...config,
    ...{ publicUrl, sessionsDomain, admission: limits },
    workers: Number(process.env["ENDSTATION_TEST_WORKERS"] ?? 1),
    trustedProxies: tls === null ? [] : ["127.0.0.1"],
    identity: oidcConfig.parse({ issuer: issuer.url, clientId: issuer.clientId }),
    catalogues: [{ name: "demo", type: "folder", file: await demonstrationFacility() }],
  };
}

/** Answers as a toy does until a session has a server of its own. */
class StagedProvider extends ToyProvider {
  readonly sockets = new Map<string, string>();

  override async dial(...asked: Parameters<ToyProvider["dial"]>): Promise<Duplex> {
    const path = this.sockets.get(asked[0].sessionId);
    if (path === undefined) return super.dial(...asked);
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(socket));
      socket.once("error", reject);
    });
  }
}

let made = 0;

async function freshDatabase() {
  const { connection } = await testPostgres();
  const keeper = openDatabase({ ...connection, database: "postgres", max: 1 });
  made += 1;
  const database = `attacks_${made}`;
  await keeper.pool.query(`CREATE DATABASE ${database}`);
  await keeper.close();
  return { ...connection, database };
}
