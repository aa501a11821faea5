import type { Duplex } from "node:stream";
import type { RouteName } from "@endstation/api";
import { EndstationError, isEnded, type Principal, type Session, type SessionId } from "@endstation/core";
import type { FastifyBaseLogger } from "fastify";
import { registerApi } from "./api.ts";
import { createApp } from "./app.ts";
import type { Handlers } from "./handlers.ts";

export interface FromSessionNeeds {
  readonly handlers: Handlers;
  session(id: SessionId): Promise<Session | null>;
  accountNamed(account: string): Promise<Principal | null>;
  readonly log: FastifyBaseLogger;
}

/** The API as far as a session itself may call it: no origin, no cookie, no token; the way it comes in says whose it is. */
export interface FromSession {
  /** Serves one connection that came out of a session. */
  take(session: SessionId, connection: Duplex): void;
  close(): Promise<void>;
}

const names: readonly RouteName[] = [
  "me",
  "startSession",
  "getSession",
  "getSessionLog",
  "stopSession",
  "listSessions",
];

/**
 * Batch jobs submitted, shown and called off from inside a session, as its owner and within its proposal. Every call asks
 * anew whether the session still lives and who its owner is.
 */
export async function createFromSession(needs: FromSessionNeeds): Promise<FromSession> {
  const callers = new WeakMap<object, SessionId>();
  const front = { handleRequest: () => false, handleUpgrade: () => false };
  const app = await createApp({ log: needs.log, front, trustedProxies: [] });
  const inside = new WeakMap<Principal, Session>();
  registerApi(
    app,
    within(needs.handlers, (principal) => inside.get(principal) as Session),
    async ({ raw }) => {
      const session = await needs.session(callers.get(raw.socket) ?? "");
      const owner = session === null || isEnded(session) ? null : await needs.accountNamed(session.owner);
      if (owner === null || session === null) return null;
      const principal: Principal = { ...owner, scopes: ["read", "sessions"] };
      inside.set(principal, session);
      return principal;
    },
    names,
  );
  await app.ready();
  return {
    take: (session, connection) => {
      callers.set(connection, session);
      connection.on("error", () => connection.destroy());
      app.server.emit("connection", connection);
    },
    close: () => app.close(),
  };
}

/** The handlers, held to batch sessions of the same proposal. */
function within(handlers: Handlers, sessionOf: (principal: Principal) => Session): Handlers {
  const demandOwn = async (call: Parameters<Handlers["getSession"]>[0]) => {
    const found = await handlers.getSession(call);
    if (isOfIt(found, sessionOf(call.principal))) return found;
    throw new EndstationError("not-found", "there is no such batch session of this proposal");
  };
  return {
    ...handlers,
    startSession: async (call) => {
      const { proposal } = sessionOf(call.principal);
      if (call.body.job === undefined)
        throw new EndstationError("not-allowed", "from inside a session only batch jobs are started");
      if (call.body.proposal !== undefined && call.body.proposal !== proposal)
        throw new EndstationError(
          "not-allowed",
          "from inside a session only jobs of its own proposal are started",
        );
      return handlers.startSession({
        ...call,
        body: { ...call.body, ...(proposal === null ? {} : { proposal }) },
      });
    },
    getSession: demandOwn,
    getSessionLog: async (call) => {
      await demandOwn(call as never);
      return handlers.getSessionLog(call);
    },
    stopSession: async (call) => {
      await demandOwn(call as never);
      return handlers.stopSession(call);
    },
    listSessions: async (call) => {
      const found = await handlers.listSessions({ ...call, query: { ...call.query, all: false } });
      const items = found.items.filter((one) => isOfIt(one, sessionOf(call.principal)));
      return { ...found, items };
    },
  };
}

type Found = Awaited<ReturnType<Handlers["getSession"]>>;

/** Whether a session may be seen from inside another: a batch session of the same owner and, where it has one, proposal. */
function isOfIt(found: Found, { owner, proposal }: Session): boolean {
  if (found.kind !== "batch" || found.owner.account !== owner) return false;
  return proposal === null || found.proposal === proposal;
}
