import {
  type Clock,
  type EndpointKind,
  EndstationError,
  type Instant,
  type Principal,
  type Session,
  type SessionRelation,
  second,
  wayOf,
} from "@endstation/core";
import type { TicketStore } from "../store/tickets.ts";
import type { Hosts } from "./hosts.ts";
import { digestOf, newSecret } from "./secrets.ts";

/** What is below this path on a session's origin is the portal's and never reaches the session. */
export const reservedPath = "/.endstation/";
export const enterPath = `${reservedPath}enter`;
/** How long a ticket is good. */
export const ticketLifetime = 30 * second;

export interface TicketRequest {
  readonly session: Session;
  readonly principal: Principal;
  readonly relation: SessionRelation;
  readonly endpoint: EndpointKind;
  /** The log-in she asks by: its log-out ends the visit. Null for an access token. */
  readonly login: string | null;
  /** The access token she asks by: its revocation ends the visit. Null for a log-in. */
  readonly token: string | null;
}

export interface Ticket {
  /** Where a form posts it, as its field `ticket`. */
  readonly url: string;
  readonly ticket: string;
  readonly expiresAt: Instant;
}

export interface IssueDeps {
  readonly tickets: TicketStore;
  readonly clock: Clock;
  readonly hosts: Hosts;
}

/** Makes a ticket for one who may enter: asking whether she may is the caller's. @throws session-starting · not-allowed */
export async function issueTicket(
  { tickets, clock, hosts }: IssueDeps,
  request: TicketRequest,
): Promise<Ticket> {
  const { session, principal, endpoint, login, token } = request;
  const role = roleOf(request);
  if (role !== "session") await tickets.addViewerOrigin(session.id, role, endpoint);
  const label = await tickets.labelOf(session.id, role, endpoint);
  if (label === null)
    throw new EndstationError("session-starting", `no way to the "${endpoint}" of the session is open yet`);
  const ticket = newSecret();
  const now = clock.now();
  const expiresAt = now + ticketLifetime;
  await tickets.keep(digestOf(ticket), { label, account: principal.account, login, token }, expiresAt, now);
  return { url: hosts.originOf(label) + enterPath, ticket, expiresAt };
}

function roleOf({ relation, principal }: TicketRequest): string {
  const way = wayOf(relation, principal.account);
  if (way !== null) return way;
  throw new EndstationError(
    "not-allowed",
    `entering is for owner, members, viewers and support, not for "${relation}"`,
  );
}
