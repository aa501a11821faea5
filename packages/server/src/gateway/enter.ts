import type { IncomingMessage } from "node:http";
import { type Clock, hour, type Instant, refuse } from "@endstation/core";
import type { TicketHolder, TicketStore } from "../store/tickets.ts";
import type { VisitStore } from "../store/visits.ts";
import type { Denial } from "./authorize.ts";
import { setVisitCookie, visitToken } from "./cookies.ts";
import type { Hosts } from "./hosts.ts";
import type { Judge } from "./presence.ts";
import { digestOf, newSecret } from "./secrets.ts";

export interface EnterDeps {
  readonly hosts: Hosts;
  readonly tickets: TicketStore;
  readonly visits: VisitStore;
  readonly judge: Judge;
  readonly clock: Clock;
}

export type Entered =
  | { readonly allowed: true; readonly landing: string; readonly setCookie: string | null }
  | Denial;

const visitLifetime = 7 * 24 * hour;
/** The session's own server knows which page it wants in front. */
const landing = "/";
const mostBytes = 4_096;
const bodyWithinMs = 10_000;

const invalid: Denial = {
  ...refuse("ticket-invalid", "this way in was used already, or is too old"),
  session: null,
};
const elsewhere: Denial = { ...refuse("wrong-origin", "entering begins in the portal"), session: null };

/** Takes a ticket that the portal's page posts, and gives a cookie for it: good for this origin, person and log-in. */
export async function enter(deps: EnterDeps, label: string, request: IncomingMessage): Promise<Entered> {
  const { hosts, tickets, clock } = deps;
  if (request.method !== "POST") return invalid;
  if (request.headers.origin !== hosts.portalOrigin) return elsewhere;
  const ticket = await postedTicket(request);
  const holder = ticket === null ? null : await tickets.take(digestOf(ticket), label, clock.now());
  return holder === null ? invalid : begin(deps, holder, request.headers.cookie);
}

async function begin(deps: EnterDeps, holder: TicketHolder, cookie: string | undefined): Promise<Entered> {
  const { visits, judge, clock } = deps;
  const now = clock.now();
  if (await isInside(visits, holder, cookie, now)) return { allowed: true, landing, setCookie: null };
  const token = newSecret();
  const digest = digestOf(token);
  await visits.sweep(now);
  await visits.begin(digest, holder, now, now + visitLifetime);
  const visit = await visits.find(digest, now);
  const judgement = visit === null ? null : await judge(visit);
  if (judgement === null) return invalid;
  if (!judgement.decision.allowed) return { ...judgement.decision, session: judgement.session };
  return { allowed: true, landing, setCookie: setVisitCookie(token) };
}

/** Whether the browser is inside already, as the same person by the same log-in or token: then its cookie stays. */
async function isInside(
  visits: VisitStore,
  holder: TicketHolder,
  cookie: string | undefined,
  now: Instant,
): Promise<boolean> {
  const token = visitToken(cookie);
  const visit = token === null ? null : await visits.find(digestOf(token), now);
  if (visit === null) return false;
  return (["label", "account", "login", "token"] as const).every((what) => visit[what] === holder[what]);
}

async function postedTicket(request: IncomingMessage): Promise<string | null> {
  const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") return null;
  const timer = setTimeout(() => request.destroy(), bodyWithinMs);
  try {
    let body = "";
    for await (const chunk of request.setEncoding("latin1")) {
      body += chunk;
      if (body.length > mostBytes) return null;
    }
    return new URLSearchParams(body).get("ticket");
  } finally {
    clearTimeout(timer);
  }
}
