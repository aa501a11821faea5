import type { Server } from "node:http";
import { join } from "node:path";
import type pg from "pg";
import type { Logger } from "pino";
import type { Config } from "../config/index.ts";
import type { GatewayDeps } from "../gateway/gateway.ts";
import { acceptOn } from "../http/listen.ts";
import { makePrivateFolder, removeSocketFolder } from "../store/embedded/socket-folder.ts";
import { openBackDoor } from "../workers/back-door.ts";
import { createDialDesk, type Dialler } from "../workers/dial-desk.ts";
import { startFleet } from "../workers/fleet.ts";
import type { GatewayNeeds } from "./gateway.ts";

export interface WorkersOptions {
  readonly config: Config;
  readonly database: pg.PoolConfig;
  readonly providers: ReadonlyMap<string, Dialler>;
  /** The portal's own: gets what is for the portal's origin. */
  readonly server: Server;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly staticLists: GatewayNeeds["staticLists"];
  readonly limits?: GatewayDeps["limits"];
  readonly log: Logger;
}

/** What a worker is told at its begin. */
export interface GatewayTask extends Pick<WorkersOptions, "config" | "database" | "staticLists"> {
  readonly providers: readonly string[];
  readonly backDoor: string;
  readonly limits: GatewayDeps["limits"] | null;
  readonly logLevel: string;
}

/** Gateway workers that listen in the portal's stead. */
export interface Workers {
  /** Their processes, as they are now. */
  pids(): readonly number[];
  close(): Promise<void>;
}

const program = join(import.meta.dirname, "gateway-worker.ts");

/** Starts `config.workers` of them and accepts connections for them. @throws what listening throws */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { config, database, providers, server, addresses, port, log } = options;
  // Each caller's connection has one here, which ends with it: ended before, a request that is on its way would be lost.
  server.keepAliveTimeout = 0;
  const folder = makePrivateFolder(config.stateFolder, "gateway");
  const backDoor = await openBackDoor(folder, server);
  const opened: { close(): unknown }[] = [{ close: () => removeSocketFolder(folder) }, backDoor];
  const close = async () => {
    for (const one of opened.reverse()) await one.close();
  };
  const task: GatewayTask = {
    ...{ config, database, staticLists: options.staticLists, backDoor: backDoor.path, logLevel: log.level },
    providers: [...providers.keys()],
    limits: options.limits ?? null,
  };
  try {
    const onDial = createDialDesk(providers, backDoor);
    const words = [config.stateFolder];
    const fleet = await startFleet({ program, words, count: config.workers, task, onDial, log });
    opened.push(fleet);
    opened.push(...(await acceptOn(addresses, port, fleet.take)));
    log.info({ workers: config.workers }, "gateway workers take connections");
    return { pids: fleet.pids, close };
  } catch (error) {
    await close();
    throw error;
  }
}
