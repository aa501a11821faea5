import { type AddressInfo, createServer } from "node:net";
import { routes } from "@endstation/api";
import { EndstationError } from "@endstation/core";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { type DevelopmentAccount, developmentIdentity } from "../adapters/identity/registry.ts";
import type { Database } from "../store/database.ts";
import { createIdentityStore, type IdentityStore } from "../store/identity.ts";
import { withDatabase } from "../store/testing.ts";
import { registerApi } from "./api.ts";
import { createApp } from "./app.ts";
import { createAuthenticate } from "./authenticate.ts";
import type { Handlers } from "./handlers.ts";
import { identityHandlers } from "./identity.ts";
import { registerLogin } from "./login.ts";
import { registerMounts } from "./mounts.ts";

/** A portal that can do nothing but log people in, on a port of its own. */
export interface IdentityPortal {
  readonly url: string;
  readonly app: FastifyInstance;
  readonly database: Database;
  readonly identities: IdentityStore;
  /** Lets time pass, for the portal only. */
  pass(ms: number): void;
  now(): number;
}

export const testAccounts: readonly DevelopmentAccount[] = [
  {
    account: "pi",
    name: "Principal investigator",
    email: "pi@example.org",
    roles: [],
    sees: "her experiment <b>",
  },
  { account: "other", name: "Another", email: null, roles: [], sees: "" },
  { account: "admin", name: "Administrator", email: null, roles: ["admin"], sees: "" },
];

export async function withIdentityPortal(test: (portal: IdentityPortal) => Promise<void>): Promise<void> {
  await withDatabase(async (database) => {
    const url = `http://localhost:${await freePort()}`;
    const identities = createIdentityStore(database);
    let shift = 0;
    const clock = { now: () => Date.now() + shift };
    const setup = developmentIdentity(url, testAccounts);
    const app = await createApp({
      log: pino({ level: "silent" }),
      front: { handleRequest: () => false, handleUpgrade: () => false },
      trustedProxies: [],
    });
    const common = { clock, publicOrigin: url };
    registerApi(
      app,
      { ...noOtherHandlers(), ...identityHandlers({ ...common, identities }) },
      createAuthenticate({ ...common, credentials: identities }),
    );
    registerLogin(app, { ...common, provider: setup.provider, logins: identities, refuses: setup.refuses });
    registerMounts(app, setup.mounts);
    await app.listen({ host: "localhost", port: Number(new URL(url).port) });
    try {
      const pass = (ms: number) => {
        shift += ms;
      };
      await test({ url, app, database, identities, pass, now: clock.now });
    } finally {
      await app.close();
    }
  });
}

function noOtherHandlers(): Handlers {
  const refuse = async () => {
    throw new EndstationError("not-found", "not in this test");
  };
  return Object.fromEntries(Object.keys(routes).map((name) => [name, refuse])) as unknown as Handlers;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
