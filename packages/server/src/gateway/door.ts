import type { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Decision, refuse } from "@endstation/core";
import type { Logger } from "pino";
import type { Activity } from "./activity.ts";
import { answerTo } from "./answers.ts";
import { type Admission, authorize, authorizeAtOnce, type Denial, nothingHere } from "./authorize.ts";
import { type EnterDeps, enter } from "./enter.ts";
import { forwardRequest } from "./forward-request.ts";
import { forwardUpgrade } from "./forward-upgrade.ts";
import type { Hosts } from "./hosts.ts";
import { destroyIt, type Passage, unreachable } from "./passage.ts";
import type { Presences } from "./presences.ts";
import type { RouteFeed } from "./route-feed.ts";
import { type Asked, ownPages, ownUpgrade, wellFormed } from "./rules.ts";
import { send, sendRaw, troubleOf } from "./sending.ts";
import type { StaticFiles } from "./static-files/list.ts";
import { preloadLink } from "./static-files/preload.ts";
import { serveFile, staticFileFor } from "./static-files/serve.ts";
import { enterPath, reservedPath } from "./tickets.ts";
import type { Upstreams } from "./upstreams.ts";
import { isLookingOn, type LookRequest, lookByRequest, lookByUpgrade } from "./viewing/at-the-door.ts";

export interface DoorDeps {
  readonly hosts: Hosts;
  readonly presences: Presences;
  readonly routes: RouteFeed;
  readonly upstreams: Upstreams;
  readonly activity: Activity;
  readonly entering: EnterDeps;
  /** A person's name by her account. */
  nameOf(account: string): Promise<string>;
  readonly uploadIdleMs: number;
  readonly staticFiles: StaticFiles;
  readonly log: Logger;
}

/** Sees every request and upgrade first; takes those for sessions' origins. */
export interface Door {
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
}

export function createDoor(deps: DoorDeps): Door {
  return {
    handleRequest: (request, response) => {
      const place = placeOf(deps.hosts, request);
      if (place.at === "portal") return false;
      response.on("error", () => {});
      const label = place.at === "session" ? place.label : null;
      takeRequest(deps, label, request, response).catch((error: unknown) =>
        send(response, answerTo(troubleOf(deps.log, error), askedBy(request), deps.hosts.portalOrigin)),
      );
      return true;
    },
    handleUpgrade: (request, socket, head) => {
      const place = placeOf(deps.hosts, request);
      if (place.at === "portal") return false;
      socket.on("error", destroyIt);
      keepAlive(socket);
      const label = place.at === "session" ? place.label : null;
      takeUpgrade(deps, label, request, socket, head).catch((error: unknown) =>
        sendRaw(socket, answerTo(troubleOf(deps.log, error), askedBy(request), deps.hosts.portalOrigin)),
      );
      return true;
    },
  };
}

/** A WebSocket may be silent for hours: whether the browser is still there is asked below HTTP. */
function keepAlive(socket: Duplex): void {
  if (!(socket instanceof Socket)) return;
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
}

/** Two Host lines could mean two places. */
function placeOf(hosts: Hosts, { headers, rawHeaders }: IncomingMessage) {
  let given = 0;
  for (let n = 0; n < rawHeaders.length; n += 2)
    if (rawHeaders[n]?.length === "host".length && rawHeaders[n]?.toLowerCase() === "host") given += 1;
  return given > 1 ? ({ at: "nowhere" } as const) : hosts.place(headers.host);
}

function askedBy({ method = "", url = "", headers }: IncomingMessage): Asked {
  return { method, target: url, headers };
}

async function takeRequest(
  deps: DoorDeps,
  label: string | null,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { hosts } = deps;
  const asked = askedBy(request);
  const refuseWith = (denial: Omit<Denial, "allowed">) =>
    send(response, answerTo(denial, asked, hosts.portalOrigin));
  const judged = wellFormed(asked);
  if (!judged.allowed) return refuseWith({ ...judged, session: null });
  if (label === null) return refuseWith(nothingHere);
  if (asked.target === enterPath) return takeTicket(deps, label, request, response);
  if (asked.target.startsWith(reservedPath)) return refuseWith(nothingHere);
  const origin = ownPages(asked, hosts.originOf(label));
  const shown = { label, cookie: request.headers.cookie, connection: request.socket };
  const admission = admitted(authorizeAtOnce(deps, shown) ?? (await authorize(deps, shown)), origin);
  if (!admission.allowed) return refuseWith(admission);
  const file = staticFileFor(deps.staticFiles, asked, admission.session);
  const served = { asked, response, presence: admission.presence };
  if (file !== null && (await serveFile(file, served, deps.log))) return;
  if (isLookingOn(admission))
    return lookByRequest(lookOf(deps, { admission, asked, request, refuseWith }), response);
  const link = preloadLink(deps.staticFiles, asked, admission.session);
  if (link !== null) response.setHeader("Link", link);
  forwardRequest(passageOf(deps, admission), request, response, () =>
    refuseWith({ ...unreachable, session: admission.session }),
  );
}

async function takeUpgrade(
  deps: DoorDeps,
  label: string | null,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { hosts } = deps;
  const asked = askedBy(request);
  const refuseWith = (denial: Omit<Denial, "allowed">) =>
    sendRaw(socket, answerTo(denial, asked, hosts.portalOrigin));
  const judged = wellFormed(asked);
  if (!judged.allowed) return refuseWith({ ...judged, session: null });
  if (label === null || asked.target.startsWith(reservedPath)) return refuseWith(nothingHere);
  const origin = ownUpgrade(asked, hosts.originOf(label));
  const shown = { label, cookie: request.headers.cookie, connection: socket };
  const admission = admitted(await authorize(deps, shown), origin);
  if (!admission.allowed) return refuseWith(admission);
  if (isLookingOn(admission)) {
    const dial = () => deps.upstreams.dial(admission.route);
    return lookByUpgrade(lookOf(deps, { admission, asked, request, refuseWith }), dial, socket, head);
  }
  forwardUpgrade(passageOf(deps, admission), request, socket, head, () =>
    refuseWith({ ...unreachable, session: admission.session }),
  );
}

/** The gate first, so that who is not inside learns nothing else; then where the request comes from. */
function admitted(admission: Admission, origin: Decision): Admission {
  if (!admission.allowed) return admission;
  if (!origin.allowed) return { ...origin, session: null };
  const full = admission.presence.full();
  return full === null ? admission : { ...refuse("too-many-requests", full), session: null };
}

function passageOf(deps: DoorDeps, { presence, route, session }: Admission & { allowed: true }): Passage {
  return {
    ownOrigin: deps.hosts.originOf(route.label),
    upstream: deps.upstreams.to(route),
    uploadIdleMs: deps.uploadIdleMs,
    opened: (cut) => presence.opened(cut),
    active: () => deps.activity.note(session.id),
    failed: (error) =>
      deps.log.info({ why: error.message, session: session.id }, "the session did not answer"),
  };
}

/** What a viewer does is no work in the session: it keeps nothing alive. */
function lookOf(deps: DoorDeps, one: Omit<LookRequest, "passage" | "portalOrigin" | "nameOf">): LookRequest {
  const passage = { ...passageOf(deps, one.admission), active: () => {} };
  return { ...one, passage, portalOrigin: deps.hosts.portalOrigin, nameOf: deps.nameOf };
}

async function takeTicket(
  { hosts, entering }: DoorDeps,
  label: string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const entered = await enter(entering, label, request);
  if (!entered.allowed) return send(response, answerTo(entered, askedBy(request), hosts.portalOrigin));
  const cookie = entered.setCookie === null ? {} : { "Set-Cookie": entered.setCookie };
  const headers = {
    Location: entered.landing,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
  };
  return send(response, { status: 303, headers: { ...headers, ...cookie }, body: "" });
}
