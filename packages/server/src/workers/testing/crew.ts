import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type pg from "pg";
import pino from "pino";
import { startWorkers, type Workers } from "../../compose/workers.ts";
import { type Config, readConfig } from "../../config/index.ts";
import type { GatewayLimits } from "../../gateway/gateway.ts";
import { type House, providerOf, withHouse } from "../../gateway/testing/house.ts";
import type { Database } from "../../store/database.ts";
import { runFolderOf } from "../../store/embedded/socket-folder.ts";
import type { Dialler } from "../dial-desk.ts";

/** A house whose port belongs to gateway workers. */
export interface Crew {
  readonly house: House;
  readonly workers: Workers;
  /** The path of the socket by which workers come to the portal. */
  readonly backDoor: string;
}

export interface CrewOptions {
  readonly count?: number;
  readonly limits?: GatewayLimits;
  /** In place of plain sockets. */
  readonly dialler?: (plain: Dialler) => Dialler;
  /** Addresses of the portal's own origin. */
  readonly portal?: (app: FastifyInstance) => void;
}

/** Nothing is looked at again by itself: what changes is known by notification, or not at all. */
export const onlyNotified: GatewayLimits = {
  ...{ freshMs: 3_600_000, pollRoutesMs: 3_600_000, graceMs: 30_000, answerWithinMs: 5_000 },
};

/** Runs a test in a house with workers, which are its only way in. */
export function withCrew(test: (crew: Crew) => Promise<void>, options: CrewOptions = {}): Promise<void> {
  const { count = 2, limits, dialler = (plain) => plain } = options;
  const stateFolder = mkdtempSync(join(tmpdir(), "est-crew-"));
  let workers: Workers | null = null;
  return withHouse(
    (house) =>
      test({
        house,
        workers: workers as Workers,
        backDoor: join(runFolderOf(stateFolder), "gateway/portal.sock"),
      }),
    undefined,
    {
      listening: {
        port: async (app) => {
          options.portal?.(app);
          return freePort();
        },
        open: async (house, app) => {
          await app.ready();
          workers = await startWorkers({
            config: configFor(house, stateFolder, count),
            database: connectionOf(house.database),
            providers: new Map([["fake", dialler(providerOf(house.sockets))]]),
            ...{ server: app.server, addresses: ["127.0.0.1", "::1"], port: house.port },
            ...(limits === undefined ? {} : { limits }),
            staticLists: [],
            log: pino({ level: process.env["ENDSTATION_TEST_LOG"] ?? "silent" }),
          });
          return workers.close;
        },
      },
    },
  ).finally(() => rmSync(stateFolder, { recursive: true, force: true }));
}

function configFor({ portalOrigin }: House, stateFolder: string, workers: number): Config {
  return { ...readConfig({ argv: [], env: {} }), stateFolder, publicUrl: portalOrigin, workers };
}

function connectionOf({ pool }: Database): pg.PoolConfig {
  const { host, port, user, database } = pool.options;
  return {
    ...{ user, database },
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => void server.close(resolve));
  return port;
}
