import { createHash } from "node:crypto";
import type { jobRequest, session as sessionSchema } from "@endstation/api";
import {
  type ChangeDeps,
  type EnterDeps,
  enterSession,
  errorCatalogue,
  extendSession,
  findSession,
  getSession,
  type JobRequest,
  listSessions,
  type Principal,
  renameSession,
  type Session,
  type SessionView,
  type StartDeps,
  startSession,
  stopArray,
  stopSession,
} from "@endstation/core";
import type { z } from "zod";
import { type Handlers, wireInstant } from "./handlers.ts";

type Wire = z.input<typeof sessionSchema>;
type JobBody = z.output<typeof jobRequest>;

export interface SessionsDeps {
  readonly start: StartDeps;
  readonly change: ChangeDeps & EnterDeps;
  /** Display names by account; an account nobody knows is shown as itself. */
  names(accounts: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** A one-use ticket to a running session for the person and log-in that ask. */
  ticket(
    view: SessionView,
    principal: Principal,
    endpoint: string,
  ): Promise<{ url: string; ticket: string; expiresAt: number }>;
  logs(session: Session, signal: AbortSignal): Promise<string>;
  /** Notes for the operator who asked for what. */
  asked(what: "started" | "stopped", session: Session, principal: Principal): void;
}

type Names = Pick<
  Handlers,
  | "startSession"
  | "listSessions"
  | "getSession"
  | "stopSession"
  | "extendSession"
  | "renameSession"
  | "openSession"
  | "getSessionLog"
>;

export function sessionHandlers(deps: SessionsDeps): Names {
  const one = async (view: SessionView) => (await wireSessions(deps, [view]))[0] as Wire;
  return {
    startSession: async ({ principal, body, idempotencyKey, signal }) => {
      const {
        environment,
        flavour = null,
        provider = null,
        name = null,
        proposal = null,
        datasets,
        notebook = null,
        parameters,
        job,
      } = body;
      const idempotency = idempotencyKey === null ? null : { key: idempotencyKey, digest: digestOf(body) };
      const request = {
        environment,
        flavour,
        provider,
        name,
        proposal,
        datasets,
        notebook,
        parameters,
        job: job === undefined ? null : jobOf(job),
        idempotency,
      };
      const session = await startSession(deps.start, principal, request, signal);
      deps.asked("started", session, principal);
      return one({ session, relation: "owner" });
    },
    listSessions: async ({ principal, query }) => {
      const page = { limit: query.limit, cursor: query.cursor ?? null };
      const { proposal = null, phase = null, array = null, all } = query;
      const request = { proposal, phase, array, all, page };
      const found = await listSessions(deps.change, principal, request);
      return { items: await wireSessions(deps, found.items), next: found.next };
    },
    getSession: async ({ principal, params }) => one(await getSession(deps.change, principal, params.id)),
    stopSession: async ({ principal, params, query }) => {
      const stop = query.array ? stopArray : stopSession;
      const view = await stop(deps.change, principal, params.id);
      deps.asked("stopped", view.session, principal);
      return one(view);
    },
    extendSession: async ({ principal, params, body }) =>
      one(await extendSession(deps.change, principal, params.id, body.hours)),
    renameSession: async ({ principal, params, body }) =>
      one(await renameSession(deps.change, principal, params.id, body.name)),
    openSession: async ({ principal, params, body }) => {
      const { view, endpoint } = await enterSession(deps.change, principal, params.id, body.endpoint ?? null);
      const { url, ticket, expiresAt } = await deps.ticket(view, principal, endpoint);
      return { url, ticket, expiresAt: wireInstant(expiresAt) };
    },
    getSessionLog: async ({ principal, params, signal }) => {
      const { session } = await findSession(deps.change, principal, "read-log", params.id);
      return { text: await deps.logs(session, signal) };
    },
  };
}

function jobOf({ script, notebook, over, ...rest }: JobBody): JobRequest {
  return { script: script ?? null, notebook: notebook ?? null, over: over ?? null, ...rest };
}

async function wireSessions(deps: SessionsDeps, views: readonly SessionView[]): Promise<Wire[]> {
  const names = await deps.names([...new Set(views.map((view) => view.session.owner))]);
  return views.map(({ session, relation }) => {
    const owner = { account: session.owner, name: names.get(session.owner) ?? session.owner };
    const myAccess = relation === "none" || relation === "staff" ? "peer" : relation;
    return myAccess === "peer" ? wirePeer(session, owner) : wireSession(session, owner, myAccess);
  });
}

function wireSession(session: Session, owner: Wire["owner"], myAccess: Wire["myAccess"]): Wire {
  return {
    id: session.id,
    name: session.name,
    owner,
    kind: session.kind,
    environment: session.environment,
    flavour: session.flavour,
    provider: session.provider,
    // Sessions from before version 0.2 have none.
    placement: session.placement ?? null,
    proposal: session.proposal,
    phase: session.phase,
    reason: session.reason,
    cause: wireCause(session),
    waiting: session.waiting,
    stages: session.stages.map(({ name, at }) => ({ name, at: wireInstant(at) })),
    contactLostSince: wireInstant(session.contactLostSince),
    createdAt: wireInstant(session.createdAt),
    startedAt: wireInstant(session.startedAt),
    endedAt: wireInstant(session.endedAt),
    expiresAt: wireInstant(session.expiresAt),
    warnedAt: wireInstant(session.warnedAt),
    datasets: [...session.datasets],
    endpoints: [...session.endpoints],
    notebook: session.notebook,
    parameters: session.parameters,
    job: wireJob(session),
    exitCode: session.exitCode,
    array: session.batch?.array ?? null,
    resultsPath: "/results",
    myAccess,
  };
}

/** Of a team mate's session: that it is there, whose it is and how it is; nothing of its inside. */
function wirePeer(session: Session, owner: Wire["owner"]): Wire {
  const hidden = {
    cause: null,
    placement: null,
    waiting: null,
    stages: [],
    datasets: [],
    endpoints: [],
    notebook: null,
    parameters: {},
    job: null,
    exitCode: null,
    warnedAt: null,
    contactLostSince: null,
  };
  return { ...wireSession(session, owner, "peer"), ...hidden };
}

function wireJob({ batch, notebook, retried }: Session): Wire["job"] {
  if (batch === null) return null;
  const { retries, hasScript } = batch;
  return { notebook, arguments: [...batch.arguments], retries, retried, hasScript };
}

/** What ended or hindered it, in words for people. */
export function wireCause({ cause }: Session): Wire["cause"] {
  if (cause === null) return null;
  const [title, next] = errorCatalogue[cause.code];
  return { code: cause.code, title, detail: cause.detail, next };
}

function digestOf(body: unknown): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}
