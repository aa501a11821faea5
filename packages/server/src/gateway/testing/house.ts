import { connect } from "node:net";
import type { Duplex } from "node:stream";
import {
  applyEvent,
  type ComputeProvider,
  mayStayInside,
  type Principal,
  type Session,
  type SessionEvent,
  type ShareRole,
  Unavailable,
} from "@endstation/core";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { createApp } from "../../http/app.ts";
import type { Database } from "../../store/database.ts";
import { createIdentityStore, type IdentityStore } from "../../store/identity.ts";
import { createSessionStore, type Sessions } from "../../store/session-store.ts";
import { letIn, livedSession, testLimits, toRunning } from "../../store/session-testing.ts";
import { withDatabase } from "../../store/testing.ts";
import { createGateway, type Gateway, type GatewayDeps } from "../gateway.ts";
import { type Inside, startInside } from "./inside.ts";

/** A portal with its gateway on a real database, a running session of `ada`'s, and whatever runs inside of it. */
export interface House {
  readonly port: number;
  readonly portalOrigin: string;
  readonly database: Database;
  readonly store: Sessions;
  readonly identity: IdentityStore;
  readonly gateway: Gateway;
  readonly inside: Inside;
  readonly first: Place;
  /** Accounts that may no longer read the data. */
  readonly mayNotRead: Set<string>;
  /** Session ids, once for each time that activity was told of. */
  readonly activity: string[];
  /** Where `dial` leads, by session id; none: it cannot be dialled. */
  readonly sockets: Map<string, string>;
  /** What the portal's clock shows more than the machine's. */
  later: number;
}

/** A running session and its origin. */
export interface Place {
  readonly session: Session;
  readonly label: string;
  /** `<label>.localhost:<port>` */
  readonly host: string;
  readonly origin: string;
}

const silent = pino({ level: process.env["ENDSTATION_TEST_LOG"] ?? "silent" });

export type HouseOptions = Partial<Pick<GatewayDeps, "uploadIdleMs" | "mayEnter" | "staticFiles">>;

/** Runs a test in a house; `socket` leads to another server than the usual {@link Inside}. */
export function withHouse(
  test: (house: House) => Promise<void>,
  socket?: string,
  more: HouseOptions & { readonly listening?: Listening } = {},
): Promise<void> {
  return withDatabase(async (database) => {
    const inside = await startInside();
    try {
      await inHouse(database, inside, { ...more, socket: socket ?? inside.socket }, test);
    } finally {
      await inside.close();
    }
  });
}

/** How a house comes to listen: `open` is asked once all is there; answers how to end it. */
export interface Listening {
  /** The port, before anybody is let in. */
  port(app: FastifyInstance): Promise<number>;
  open(house: House, app: FastifyInstance): Promise<() => Promise<void>>;
}

const listenHere: Listening = {
  port: async (app) => {
    await app.listen({ host: "127.0.0.1", port: 0 });
    return (app.server.address() as { port: number }).port;
  },
  open: async () => async () => {},
};

async function inHouse(
  database: Database,
  inside: Inside,
  { listening = listenHere, ...options }: HouseOptions & { socket: string; listening?: Listening },
  test: (house: House) => Promise<void>,
): Promise<void> {
  const door: { gateway: Gateway | null } = { gateway: null };
  const app = await createApp({
    log: silent,
    trustedProxies: [],
    front: {
      handleRequest: (...given) => door.gateway?.handleRequest(...given) ?? false,
      handleUpgrade: (...given) => door.gateway?.handleUpgrade(...given) ?? false,
    },
  });
  const port = await listening.port(app);
  const parts = { port, portalOrigin: `http://localhost:${port}`, database, inside };
  const house = await furnished(parts, options);
  door.gateway = house.gateway;
  const close = await listening.open(house, app);
  try {
    await test(house);
  } finally {
    await Promise.all([close(), house.gateway.close()]);
    await app.close();
  }
}

type Parts = Pick<House, "port" | "portalOrigin" | "database" | "inside">;

async function furnished(
  parts: Parts,
  { socket, ...more }: HouseOptions & { socket: string },
): Promise<House> {
  const { database, portalOrigin } = parts;
  const store = createSessionStore(database);
  const own = {
    ...{ store, identity: createIdentityStore(database), mayNotRead: new Set<string>() },
    ...{ activity: [] as string[], sockets: new Map<string, string>(), later: 0 },
  };
  const clock = { now: () => Date.now() + own.later };
  const rights = { mayReadAll: async ({ account }: Principal) => !own.mayNotRead.has(account) };
  const teams = { proposalsOf: async () => new Set<string>() };
  const gateway = await createGateway({
    ...{ database, store, clock, log: silent, publicUrl: portalOrigin },
    providers: new Map([["fake", providerOf(own.sockets)]]),
    mayEnter: (account, session, way) =>
      mayStayInside({ store, teams, clock, rights }, principalOf(account), session, way),
    recordActivity: async (id) => void own.activity.push(id),
    ...more,
  });
  for (const account of ["ada", "bob", "eve"]) await addPerson(database, account);
  const house = Object.assign(own, parts, { gateway });
  return Object.assign(house, { first: await addPlace(house, "ada", socket) });
}

/** A further running session. */
export async function addPlace(
  house: Pick<House, "store" | "database" | "sockets" | "port">,
  owner: string,
  socket: string,
  kind: "jupyter" | "terminal" = "jupyter",
): Promise<Place> {
  const { store, database, sockets, port } = house;
  const asked = { owner, createdAt: Date.now(), kind, endpoints: [kind] };
  const events = toRunning.map((event) =>
    event.type === "endpoint-ready" ? { ...event, endpoint: kind } : event,
  );
  const session = await livedSession(store, events, asked);
  sockets.set(session.id, socket);
  const { label } = await database.db
    .selectFrom("routes")
    .select("label")
    .where("session_id", "=", session.id)
    .executeTakeFirstOrThrow();
  return { session, label, host: `${label}.localhost:${port}`, origin: `http://${label}.localhost:${port}` };
}

/** Something happens to a session, as the runner or a use case makes it happen. */
export async function happen({ store }: House, { session }: Place, event: SessionEvent): Promise<void> {
  await applyEvent({ store, clock: { now: () => Date.now() }, limits: testLimits }, session.id, event);
}

export function share({ store }: House, { session }: Place, account: string, as: ShareRole): Promise<void> {
  return letIn(store, { sessionId: session.id, account, as, by: session.owner, at: 0 });
}

export function principalOf(account: string): Principal {
  return { account, name: account, email: null, roles: [], scopes: null };
}

export function providerOf(sockets: ReadonlyMap<string, string>): ComputeProvider<Duplex> {
  const dial = (target: { sessionId: string }) =>
    new Promise<Duplex>((resolve, reject) => {
      const path = sockets.get(target.sessionId);
      if (path === undefined) return reject(new Unavailable("it does not answer"));
      const socket = connect(path, () => resolve(socket));
      socket.once("error", (error) => reject(new Unavailable(error.message)));
    });
  return { dial } as unknown as ComputeProvider<Duplex>;
}

async function addPerson({ db }: Database, account: string): Promise<void> {
  const row = { account, id: `p-${account}`, name: account, email: null, created_at: 0, last_login_at: null };
  await db
    .insertInto("people")
    .values({ ...row, roles: [], declared_roles: [] })
    .execute();
}
