import type { Duplex } from "node:stream";
import { type ComputeProvider, Unavailable } from "@endstation/core";
import { type buildConnector, type Dispatcher, Pool } from "undici";
import { insideHost } from "./headers.ts";
import type { Route } from "./route-table.ts";

type Providers = ReadonlyMap<string, Pick<ComputeProvider<Duplex>, "dial">>;

/** Connections to sessions: for each route a pool that dials through its provider. */
export interface Upstreams {
  to(route: Route): Dispatcher;
  /** One connection that is nobody else's, for a WebSocket that is looked into. */
  dial(route: Route): Promise<Duplex>;
  /** Ends all connections through these routes. */
  drop(labels: ReadonlySet<string>): void;
  close(): Promise<void>;
}

const dialWithinMs = 10_000;
const mostConnections = 256;

export function createUpstreams(providers: Providers): Upstreams {
  const pools = new Map<string, { readonly route: Route; readonly pool: Pool }>();
  const drop = (label: string) => {
    const found = pools.get(label);
    pools.delete(label);
    void found?.pool.destroy().catch(() => {});
  };
  return {
    to: (route) => {
      const found = pools.get(route.label);
      if (found?.route === route || (found !== undefined && isSame(found.route, route))) return found.pool;
      drop(route.label);
      const pool = poolFor(providers, route);
      pools.set(route.label, { route, pool });
      return pool;
    },
    dial: (route) => dial(providers, route),
    drop: (labels) => labels.forEach(drop),
    close: async () => {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map(({ pool }) => pool.destroy()));
    },
  };
}

function isSame(one: Route, other: Route): boolean {
  return one.provider === other.provider && one.handle === other.handle && one.endpoint === other.endpoint;
}

/** Nothing here is in a hurry: a kernel may think for hours before it answers, a browser may read as slowly as it likes. */
function poolFor(providers: Providers, route: Route): Pool {
  return new Pool(`http://${insideHost}`, {
    connections: mostConnections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
    maxHeaderSize: 64 * 1024,
    connect: (_options, callback) => connect(providers, route, callback),
  });
}

function connect(providers: Providers, route: Route, callback: buildConnector.Callback): void {
  dial(providers, route).then(
    // undici asks no more of a connection than a Duplex can do.
    (connection) => callback(null, connection as Parameters<typeof callback>[1] & Duplex as never),
    (error: unknown) => callback(error instanceof Error ? error : new Unavailable(String(error)), null),
  );
}

async function dial(providers: Providers, { provider, sessionId, handle, endpoint }: Route): Promise<Duplex> {
  const found = providers.get(provider);
  if (found === undefined) throw new Unavailable(`there is no compute provider "${provider}" here`);
  return found.dial({ sessionId, handle }, endpoint, AbortSignal.timeout(dialWithinMs));
}
