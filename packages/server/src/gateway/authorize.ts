import { type ErrorCode, isEnded, type Session } from "@endstation/core";
import { visitToken } from "./cookies.ts";
import type { Presence } from "./presence.ts";
import type { Presences } from "./presences.ts";
import type { RouteFeed } from "./route-feed.ts";
import type { Route } from "./route-table.ts";

/** What a request or an upgrade shows: the origin it came to and its cookies. */
export interface Shown {
  readonly label: string;
  readonly cookie: string | undefined;
}

export type Admission =
  | { readonly allowed: true; readonly presence: Presence; readonly route: Route; readonly session: Session }
  | Denial;

/** `session` only where she has been inside and may know of it. */
export interface Denial {
  readonly allowed: false;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly session: Session | null;
}

/** An origin that never was, one of somebody else's session, and one she has not entered: all look the same. */
export const nothingHere: Denial = {
  allowed: false,
  code: "not-found",
  detail: "you are not inside a session here",
  session: null,
};

export interface AuthorizeDeps {
  readonly presences: Presences;
  readonly routes: RouteFeed;
}

/**
 * The one gate, for requests and upgrades alike: cookie → visit of this very origin → right to be inside now →
 * open route. @throws when that cannot be asked.
 */
export async function authorize(
  { presences, routes }: AuthorizeDeps,
  { label, cookie }: Shown,
): Promise<Admission> {
  const token = visitToken(cookie);
  const presence = token === null ? null : await presences.find(token);
  if (presence === null || presence.visit.label !== label) return nothingHere;
  const { decision, session } = await presence.judgement();
  if (session === null || (!decision.allowed && decision.code === "not-found")) return nothingHere;
  if (!decision.allowed) return { ...decision, session };
  const route = await routeOf(routes, presence, session);
  if (route !== null) return { allowed: true, presence, route, session };
  const latest = await presence.judgement(0);
  return latest.session === null ? nothingHere : withoutRoute(latest.session);
}

async function routeOf(routes: RouteFeed, { visit }: Presence, session: Session): Promise<Route | null> {
  if (session.phase !== "running") return null;
  if (!routes.current().has(visit.label)) await routes.refresh();
  const route = routes.current().get(visit.label);
  return route?.sessionId === visit.sessionId && route.role === visit.role ? route : null;
}

function withoutRoute(session: Session): Denial {
  if (isEnded(session) || session.phase === "stopping")
    return { allowed: false, code: "session-ended", detail: endedBecause(session), session };
  if (session.phase === "running")
    return { allowed: false, code: "session-unreachable", detail: "no way to it is open yet", session };
  const detail =
    session.phase === "suspended" ? "the compute provider holds it still" : `it is ${session.phase}`;
  return { allowed: false, code: "session-starting", detail, session };
}

const because: Readonly<Record<NonNullable<Session["reason"]>, string>> = {
  user: "it was stopped by its owner",
  admin: "it was stopped by an administrator",
  idle: "nothing was done in it for a long time",
  expired: "its time was over",
  "right-lost": "its owner may no longer read the data",
  "start-timeout": "it did not start in time",
  completed: "it was completed",
  "ended-itself": "its program ended by itself",
  refused: "the compute provider refused it",
  vanished: "the compute provider no longer knows it",
  "exit-code": "its program ended with an error",
  killed: "it was killed from outside",
  preempted: "the compute provider took its place back",
};

function endedBecause({ reason, cause }: Session): string {
  const why = reason === null ? "it has ended" : because[reason];
  return cause === null ? why : `${why}: ${cause.detail}`;
}
