import type { EnterDeps } from "@endstation/core";
import type { Logger } from "pino";
import { createGateway, type Gateway, type GatewayDeps } from "../gateway/gateway.ts";
import { readStaticFiles } from "../gateway/static-files/list.ts";
import { recordActivity } from "../store/activity.ts";
import { type AccessNeeds, mayEnterWith } from "./sessions.ts";

export interface GatewayNeeds extends AccessNeeds {
  readonly sessions: EnterDeps;
  readonly providers: GatewayDeps["providers"];
  /** By environment: the file that lists what is served in its sessions' stead. */
  readonly staticLists: readonly (readonly [environment: string, list: string])[];
  readonly limits?: GatewayDeps["limits"];
  readonly log: Logger;
}

/** The way into sessions: the same in the main process and in each gateway worker. */
export async function composeGateway(needs: GatewayNeeds): Promise<Gateway> {
  const { config, database, store, providers, clock, log, limits } = needs;
  return createGateway({
    ...{ database, store, providers, clock, log },
    publicUrl: config.publicUrl,
    ...(config.sessionsDomain === null ? {} : { sessionsDomain: config.sessionsDomain }),
    mayEnter: mayEnterWith(needs.sessions, needs),
    recordActivity: (id, at) => recordActivity(database, id, at),
    staticFiles: await readStaticFiles(needs.staticLists),
    ...(limits === undefined ? {} : { limits }),
  });
}
