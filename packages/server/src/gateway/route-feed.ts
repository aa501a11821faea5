import type { EndpointKind, SessionId } from "@endstation/core";
import type { Logger } from "pino";
import type { Database } from "../store/database.ts";
import { listenTo } from "../store/notifications.ts";
import { oneAfterAnother } from "./one-after-another.ts";
import { closedRoutes, type Route, type RouteTable, routeTable } from "./route-table.ts";

/** The routes as they are now, and whoever wants to know which were closed. */
export interface RouteFeed {
  current(): RouteTable;
  /** Reads them again now: for who finds none where the database may know one already. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface RouteListeners {
  /** Routes that are no longer, or lead elsewhere now. */
  closed(routes: readonly Route[]): void;
  /** A session's routes or shares changed; null: nobody knows whose. */
  changed(sessionId: SessionId | null): void;
}

/** Keeps the routes current: read when the store says that they changed, and every few seconds in case that got lost. */
export async function followRoutes(
  database: Database,
  log: Logger,
  listeners: RouteListeners,
  pollEveryMs: number,
): Promise<RouteFeed> {
  let table: RouteTable = new Map();
  const read = async () => {
    const next = routeTable(await readRoutes(database));
    const closed = closedRoutes(table, next);
    table = next;
    if (closed.length > 0) listeners.closed(closed);
  };
  const refresh = oneAfterAnother(() =>
    read().catch((error: unknown) => log.warn({ err: error }, "the routes could not be read")),
  );
  const stop = await listenTo(database, "endstation_routes", (sessionId) => {
    void refresh();
    listeners.changed(sessionId === "" ? null : sessionId);
  });
  const poll = setInterval(() => void refresh(), pollEveryMs);
  poll.unref();
  await refresh();
  const close = async () => {
    clearInterval(poll);
    await stop();
  };
  return { current: () => table, refresh, close };
}

/** Every origin of a session, its viewers' too, while the session's own way is open. */
async function readRoutes({ db }: Database): Promise<Route[]> {
  const rows = await db
    .selectFrom("routes")
    .innerJoin("origins", (origins) =>
      origins
        .onRef("origins.session_id", "=", "routes.session_id")
        .onRef("origins.endpoint", "=", "routes.endpoint"),
    )
    .select(["origins.label", "origins.role"])
    .select(["routes.session_id", "routes.provider", "routes.handle", "routes.endpoint"])
    .where("routes.role", "=", "session")
    .execute();
  return rows.map(({ session_id: sessionId, label, role, provider, handle, endpoint }) => ({
    ...{ label, sessionId, role, provider, handle },
    endpoint: endpoint as EndpointKind,
  }));
}
