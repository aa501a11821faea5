import type { EndpointKind, SessionId } from "@endstation/core";

/** How a session is reached: never an address, only whom to ask for a connection. */
export interface Route {
  readonly label: string;
  readonly sessionId: SessionId;
  /** `session` for owner and members, `viewer:<account>` for each viewer: hers is open while the session's is. */
  readonly role: string;
  readonly provider: string;
  readonly handle: string | null;
  readonly endpoint: EndpointKind;
}

/** The open routes by label: a value; a change makes a new one. */
export type RouteTable = ReadonlyMap<string, Route>;

export function routeTable(routes: readonly Route[]): RouteTable {
  return new Map(routes.map((route) => [route.label, route]));
}

/** Routes of `before` that are not in `after`, or lead elsewhere now: what goes through them must be cut. */
export function closedRoutes(before: RouteTable, after: RouteTable): Route[] {
  return [...before.values()].filter((route) => {
    const now = after.get(route.label);
    return now === undefined || !isSameWay(route, now);
  });
}

function isSameWay(one: Route, other: Route): boolean {
  return (
    one.sessionId === other.sessionId &&
    one.role === other.role &&
    one.provider === other.provider &&
    one.handle === other.handle &&
    one.endpoint === other.endpoint
  );
}
