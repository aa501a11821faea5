import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { ComputeProvider } from "@endstation/core";
import pino from "pino";
import { oidcConfig } from "../packages/server/src/adapters/identity/registry.ts";
import { compose } from "../packages/server/src/compose/compose.ts";
import { type Config, readConfig } from "../packages/server/src/config/index.ts";
import { type Database, openDatabase } from "../packages/server/src/store/database.ts";
import { startEmbeddedPostgres } from "../packages/server/src/store/embedded-postgres.ts";
import { createIdentityStore } from "../packages/server/src/store/identity.ts";
import { freePort } from "./processes.ts";

/** A portal in this process, put together as in production, with one compute provider and people who never log in. */
export interface BarePortal {
  readonly url: string;
  readonly config: Config;
  readonly database: Database;
  /** An access token for each of these accounts, which are declared by it. */
  tokensOf(accounts: readonly string[]): Promise<string[]>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

export async function composeBarePortal(provider: ComputeProvider<Duplex>): Promise<BarePortal> {
  const state = await mkdtemp(join(tmpdir(), "endstation-bench-"));
  await chmod(state, 0o711);
  const config = {
    ...readConfig({ argv: ["--state", state, "--port", String(await freePort())], env: process.env }),
    catalogues: [],
    identity: oidcConfig.parse({ issuer: "https://issuer.example.org", clientId: "bench" }),
  };
  const log = pino({ level: "warn" }, pino.destination(2));
  const postgres = await startEmbeddedPostgres({
    softwareFolder: config.softwareFolder,
    stateFolder: state,
    log,
  });
  const portal = await compose({
    config: { ...config, admission: { ...config.admission, sessionsPerPerson: 1_000 } },
    machine: {
      database: postgres.connection,
      environments: { nexus: { path: "/nowhere" } },
      webFolder: null,
      launcherFolder: state,
    },
    providers: new Map([["noop", provider]]),
    log,
  });
  const database = openDatabase({ ...postgres.connection, max: 8 });
  const { port } = config.listen;
  return {
    url: `http://localhost:${port}`,
    config,
    database,
    tokensOf: (accounts) => tokensOf(database, accounts),
    listen: async () => void (await portal.app.listen({ host: "127.0.0.1", port })),
    close: async () => {
      await database.close();
      await portal.close();
      await postgres.stop();
      await rm(state, { recursive: true, force: true });
    },
  };
}

async function tokensOf(database: Database, accounts: readonly string[]): Promise<string[]> {
  const identities = createIdentityStore(database);
  const now = Date.now();
  await identities.declareAccounts(
    accounts.map((account) => ({ account, name: account, email: null, roles: [] })),
    now,
  );
  const make = (account: string) =>
    identities.makeToken(
      { account, name: "bench", scopes: ["read", "sessions"], lifetimeMs: 3_600_000 },
      now,
    );
  return (await Promise.all(accounts.map(make))).map(({ secret }) => secret);
}
