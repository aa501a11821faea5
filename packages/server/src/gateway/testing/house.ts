import { connect } from "node:net";
import type { Duplex } from "node:stream";
import {
  allowed,
  type ComputeProvider,
  type Decision,
  newSession,
  type Principal,
  type Session,
  type SessionRequest,
  Unavailable,
} from "@endstation/core";
import pino from "pino";
import { createApp } from "../../http/app.ts";
import type { Database } from "../../store/database.ts";
import { createIdentityStore } from "../../store/identity.ts";
import { withDatabase } from "../../store/testing.ts";
import { createGateway, type Gateway } from "../gateway.ts";
import { ask } from "./browser.ts";
import { type Inside, startInside } from "./inside.ts";

/** A portal with its gateway on a real database, one session of `ada` running, and whatever runs inside of it. */
export interface House {
  readonly port: number;
  readonly portalOrigin: string;
  readonly database: Database;
  readonly gateway: Gateway;
  readonly inside: Inside;
  readonly session: Session;
  readonly label: string;
  /** `<label>.localhost:<port>` */
  readonly host: string;
  readonly origin: string;
  /** What the rights say; without an entry a person may enter. */
  readonly rights: Map<string, Decision>;
  readonly activity: string[];
  /** Where `dial` leads, by session id; none: it cannot be dialled. */
  readonly sockets: Map<string, string>;
  now: number;
  logIn(account: string): Promise<{ id: string; secret: string }>;
  logOut(secret: string): Promise<unknown>;
  ticket(account?: string, login?: string | null): Promise<{ url: string; ticket: string }>;
  /** Enters as a browser does; answers the `Cookie` header it has then. */
  enter(account?: string, login?: string | null): Promise<string>;
  addSession(id: string, label: string, owner: string): Promise<Session>;
  /** As the store does it when a session leaves `running`. */
  stop(session: Session, phase: Session["phase"], reason: Session["reason"]): Promise<void>;
}

const silent = pino({ level: process.env["ENDSTATION_TEST_LOG"] ?? "silent" });

export function withHouse(test: (house: House) => Promise<void>, target?: string): Promise<void> {
  return withDatabase(async (database) => {
    const inside = await startInside();
    const house = await open(database, inside, target ?? inside.socket);
    try {
      await test(house);
    } finally {
      await house.shut();
      await inside.close();
    }
  });
}

const sessionId = "s-abcdefghij0123456789";
export const label = "abcdefghijklmnopqrstuvwxyz";

async function open(
  database: Database,
  inside: Inside,
  socket: string,
): Promise<House & { shut(): Promise<void> }> {
  let gateway: Gateway | null = null;
  const front = {
    handleRequest: (...given: Parameters<Gateway["handleRequest"]>) =>
      gateway?.handleRequest(...given) ?? false,
    handleUpgrade: (...given: Parameters<Gateway["handleUpgrade"]>) =>
      gateway?.handleUpgrade(...given) ?? false,
  };
  const app = await createApp({ log: silent, front, trustedProxies: [] });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const port = (app.server.address() as { port: number }).port;
  const portalOrigin = `http://localhost:${port}`;
  const rights = new Map<string, Decision>();
  const activity: string[] = [];
  const sockets = new Map([[sessionId, socket]]);
  const clock = { now: () => house.now };
  gateway = await createGateway({
    database,
    store: { get: (id) => sessionOf(database, id) },
    providers: new Map([["here", providerOf(sockets)]]),
    publicUrl: portalOrigin,
    mayEnter: async (account) => rights.get(account) ?? allowed,
    recordActivity: async (id) => void activity.push(id),
    clock,
    log: silent,
  });
  const opened = gateway;
  const identity = createIdentityStore(database);
  for (const account of ["ada", "bob", "eve"]) await addPerson(database, account);
  const session = await addSession(database, sessionId, label, "ada");
  const house: House = {
    ...{ port, portalOrigin, database, gateway, inside, session, label, rights, activity, sockets },
    host: `${label}.localhost:${port}`,
    origin: `http://${label}.localhost:${port}`,
    now: Date.now(),
    logIn: (account) => identity.openLogin(account, house.now),
    logOut: (secret) => identity.closeLogin(secret),
    ticket: (account = "ada", login = null) => ticketFor(opened, session, account, login),
    enter: async (account = "ada", login = null) => enterWith(house, await house.ticket(account, login)),
    addSession: async (id, ofLabel, owner) => {
      const added = await addSession(database, id, ofLabel, owner);
      sockets.set(id, socket);
      return added;
    },
    stop: (stopped, phase, reason) => stopSession(database, stopped, phase, reason),
  };
  const shut = async () => {
    await opened.close();
    await app.close();
  };
  return Object.assign(house, { shut });
}

function principalOf(account: string): Principal {
  return { account, name: account, email: null, roles: [], scopes: null };
}

export function ticketFor(gateway: Gateway, session: Session, account: string, login: string | null) {
  const relation = session.owner === account ? "owner" : "member";
  return gateway.issueTicket({
    session,
    principal: principalOf(account),
    relation,
    endpoint: "jupyter",
    login,
  });
}

export async function enterWith(
  house: House,
  { url, ticket }: { url: string; ticket: string },
): Promise<string> {
  const answer = await ask(house.port, {
    host: new URL(url).host,
    method: "POST",
    path: new URL(url).pathname,
    headers: { origin: house.portalOrigin, "content-type": "application/x-www-form-urlencoded" },
    body: `ticket=${ticket}`,
  });
  const [cookie] = answer.headers["set-cookie"] ?? [];
  if (answer.status !== 303 || cookie === undefined)
    throw new Error(`not entered: ${answer.status} ${answer.body}`);
  return cookie.split(";", 1)[0] ?? "";
}

function providerOf(sockets: ReadonlyMap<string, string>): ComputeProvider<Duplex> {
  const dial = (target: { sessionId: string }) =>
    new Promise<Duplex>((resolve, reject) => {
      const path = sockets.get(target.sessionId);
      if (path === undefined) return reject(new Unavailable("it does not answer"));
      const socket = connect(path, () => resolve(socket));
      socket.once("error", (error) => reject(new Unavailable(error.message)));
    });
  return { dial } as unknown as ComputeProvider<Duplex>;
}

async function sessionOf({ db }: Database, id: string): Promise<Session | null> {
  const row = await db.selectFrom("sessions").select("document").where("id", "=", id).executeTakeFirst();
  return row?.document ?? null;
}

async function addPerson({ db }: Database, account: string): Promise<void> {
  const row = { account, id: `p-${account}`, name: account, email: null, created_at: 0, last_login_at: null };
  await db
    .insertInto("people")
    .values({ ...row, roles: [], declared_roles: [] })
    .execute();
}

async function addSession(
  { db, pool }: Database,
  id: string,
  ofLabel: string,
  owner: string,
): Promise<Session> {
  const request: SessionRequest = {
    ...{ id, owner, kind: "jupyter" as const, environment: "nexus", flavour: "small", provider: "here" },
    ...{
      proposal: null,
      datasets: [],
      notebook: null,
      parameters: {},
      endpoints: ["jupyter" as const],
      createdAt: 0,
    },
  };
  const fresh = newSession(request, "A look at the data", 1e15);
  const session: Session = { ...fresh, phase: "running", handle: `h-${id}`, version: 1 };
  await db
    .insertInto("sessions")
    .values({ id, document: JSON.stringify(session) })
    .execute();
  const origin = { label: ofLabel, session_id: id, role: "session", endpoint: "jupyter" };
  await db.insertInto("origins").values(origin).execute();
  await db
    .insertInto("routes")
    .values({ ...origin, provider: "here", handle: session.handle })
    .execute();
  await pool.query("NOTIFY endstation_routes");
  return session;
}

async function stopSession(
  { db, pool }: Database,
  session: Session,
  phase: Session["phase"],
  reason: Session["reason"],
): Promise<void> {
  const document = JSON.stringify({ ...session, phase, reason, version: session.version + 1 });
  await db.updateTable("sessions").set({ document }).where("id", "=", session.id).execute();
  await db.deleteFrom("routes").where("session_id", "=", session.id).execute();
  await pool.query("NOTIFY endstation_routes");
}
