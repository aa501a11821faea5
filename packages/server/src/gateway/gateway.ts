import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import {
  type Clock,
  type ComputeProvider,
  type Decision,
  EndstationError,
  type Instant,
  minute,
  refuse,
  type Session,
  type SessionId,
  type SessionStore,
} from "@endstation/core";
import type { Logger } from "pino";
import type { Database } from "../store/database.ts";
import { createIdentityStore } from "../store/identity.ts";
import { listenTo } from "../store/notifications.ts";
import { createPresenceStore } from "../store/presences.ts";
import { createTicketStore } from "../store/tickets.ts";
import { createVisitStore } from "../store/visits.ts";
import { createActivity } from "./activity.ts";
import { createDoor } from "./door.ts";
import { hostsOf } from "./hosts.ts";
import { type Judge, type PresenceLimits, usualPresenceLimits } from "./presence.ts";
import { createPresences } from "./presences.ts";
import { followRoutes, type RouteListeners } from "./route-feed.ts";
import type { StaticFiles } from "./static-files/list.ts";
import { issueTicket, type Ticket, type TicketRequest } from "./tickets.ts";
import { createUpstreams } from "./upstreams.ts";

export interface GatewayDeps {
  readonly database: Database;
  readonly store: Pick<SessionStore, "get">;
  readonly providers: ReadonlyMap<string, Pick<ComputeProvider<Duplex>, "dial">>;
  readonly publicUrl: string;
  /** Sessions are at `<label>.<sessionsDomain>`; only a loopback `publicUrl` has a default, `localhost` with its port. */
  readonly sessionsDomain?: string;
  /**
   * Whether a person may (still) be inside a session: share and right to read. `role` is `session` or
   * `viewer:<account>`; `login` is the log-in's id, null for one who came by an access token. Asked about once a second
   * for everybody inside. It throws when that cannot be known now.
   */
  mayEnter(account: string, session: Session, role: string, login: string | null): Promise<Decision>;
  recordActivity(sessionId: SessionId, at: Instant): Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: GatewayLimits;
  /** How long an upload may stand still though the session would take more of it. */
  readonly uploadIdleMs?: number;
  /** What is served in sessions' stead; left out: nothing. */
  readonly staticFiles?: StaticFiles;
}

/** How long what is known is good, where nobody says that it changed. */
export interface GatewayLimits extends PresenceLimits {
  /** Between two readings of all routes. */
  readonly pollRoutesMs: number;
}

const usualLimits: GatewayLimits = { ...usualPresenceLimits, pollRoutesMs: 5_000 };

/** The way into sessions: each on an origin of its own, entered by a one-use ticket. */
export interface Gateway {
  /** True when the request was for a session's origin: then it is answered here. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** @throws session-starting when no way is open yet · not-allowed for one who is not to enter. */
  issueTicket(request: TicketRequest): Promise<Ticket>;
  /** Cuts everything and listens no more. */
  close(): Promise<void>;
}

export async function createGateway(deps: GatewayDeps): Promise<Gateway> {
  const { database, providers, clock, log, limits = usualLimits, staticFiles = new Map() } = deps;
  const hosts = hostsOf(deps.publicUrl, deps.sessionsDomain);
  const visits = createVisitStore(database);
  const tickets = createTicketStore(database);
  const judge = judgeWith(deps);
  const upstreams = createUpstreams(providers);
  const here = createPresenceStore(database);
  const presences = createPresences({ visits, here, judge, clock, limits, log });
  const listeners: RouteListeners = {
    changed: presences.recheck,
    closed: (closed) => {
      const labels = new Set(closed.map(({ label }) => label));
      presences.cutLabels(labels);
      upstreams.drop(labels);
    },
  };
  const routes = await followRoutes(database, log, listeners, limits.pollRoutesMs);
  // Log-outs are asked about at once; what nobody tells of is found by the round, a second later.
  const stopListening = await listenTo(database, "endstation_logins", () => presences.recheck(null));
  const activity = createActivity(clock, (sessionId, at) => {
    deps
      .recordActivity(sessionId, at)
      .catch((error: unknown) => log.warn({ err: error }, "activity was not recorded"));
  });
  const entering = { hosts, tickets, visits, judge, clock };
  const identities = createIdentityStore(database);
  const nameOf = async (account: string) => (await identities.names([account])).get(account) ?? account;
  const { uploadIdleMs = 2 * minute } = deps;
  const given = { uploadIdleMs, staticFiles, nameOf, log };
  const door = createDoor({ hosts, presences, routes, upstreams, activity, entering, ...given });
  return {
    ...door,
    issueTicket: (request) => issueTicket(entering, request),
    close: async () => {
      presences.close();
      await Promise.all([stopListening(), routes.close(), upstreams.close()]);
    },
  };
}

function judgeWith({ store, mayEnter }: GatewayDeps): Judge {
  return async ({ account, sessionId, role, login }) => {
    const session = await store.get(sessionId);
    if (session === null) return { session, decision: refuse("not-found", "there is no such session") };
    return { session, decision: await mayEnter(account, session, role, login).catch(asRefusal) };
  };
}

/** A right that was asked for and refused is an answer; a part that is down is none. */
function asRefusal(error: unknown): Decision {
  const isRefusal = error instanceof EndstationError && !isOutage.test(error.code);
  if (isRefusal) return refuse(error.code, error.detail);
  throw error;
}

const isOutage = /^(internal|part-down|disk-full|.*-unavailable)$/;
