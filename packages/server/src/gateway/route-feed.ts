import type { EndpointKind } from "@endstation/core";
import type { Logger } from "pino";
import type { Database } from "../store/database.ts";
import { listenTo } from "../store/notifications.ts";
import { closedRoutes, type Route, type RouteTable, routeTable } from "./route-table.ts";

/** The routes as they are now, and whoever wants to know which were closed. */
export interface RouteFeed {
  current(): RouteTable;
  /** Reads them again now: for who finds none where the database may know one already. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const pollEveryMs = 5_000;

/** Keeps the routes current: read when the store says that they changed, and every few seconds in case that got lost. */
export async function followRoutes(
  database: Database,
  log: Logger,
  onClosed: (routes: readonly Route[]) => void,
): Promise<RouteFeed> {
  let table: RouteTable = new Map();
  const read = async () => {
    const next = routeTable(await readRoutes(database));
    const closed = closedRoutes(table, next);
    table = next;
    if (closed.length > 0) onClosed(closed);
  };
  const refresh = oneAfterAnother(() =>
    read().catch((error: unknown) => log.warn({ err: error }, "the routes could not be read")),
  );
  const stop = await listenTo(database, "endstation_routes", () => void refresh());
  const poll = setInterval(() => void refresh(), pollEveryMs);
  poll.unref();
  await refresh();
  const close = async () => {
    clearInterval(poll);
    await stop();
  };
  return { current: () => table, refresh, close };
}

/** Calls that come while one runs share the one after it, which begins after they came. */
export function oneAfterAnother(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const start = (): Promise<void> => {
    running = work().finally(() => {
      running = null;
    });
    return running;
  };
  return () => {
    if (running === null) return start();
    next ??= running.then(() => {
      next = null;
      return start();
    });
    return next;
  };
}

async function readRoutes({ db }: Database): Promise<Route[]> {
  const rows = await db.selectFrom("routes").selectAll().execute();
  return rows.map(({ session_id: sessionId, label, role, provider, handle, endpoint }) => ({
    ...{ label, sessionId, role, provider, handle },
    endpoint: endpoint as EndpointKind,
  }));
}
