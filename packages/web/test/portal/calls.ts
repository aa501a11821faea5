import { randomUUID } from "node:crypto";
import {
  type CallAnswer,
  type Provider,
  type RouteName,
  routes,
  type Session,
  type SessionRequest,
} from "@endstation/api";
import type { FakeCall } from "./fake-call.ts";
import { idOf, session as newSession } from "./fixtures/sessions.ts";
import { notFound, Refusal } from "./refusal.ts";
import { sharing } from "./sharing-calls.ts";
import type { World } from "./world.ts";

export { Refusal };

export type FakeHandler = (world: World, call: FakeCall) => unknown;

type Handlers = { readonly [Name in RouteName]: (world: World, call: FakeCall) => CallAnswer<Name> };

const page = <Item>(items: Item[]) => ({ items, next: null });

function one<Item extends object>(items: Item[], key: keyof Item, call: FakeCall): Item {
  const found = items.find((item) => item[key] === call.params["id"]);
  if (found === undefined) throw notFound(`there is no ${call.params["id"]} among yours`);
  return found;
}

function change(world: World, call: FakeCall, changed: Partial<Session>): Session {
  const before = one(world.sessions, "id", call);
  const after = { ...before, ...changed };
  world.sessions = world.sessions.map((session) => (session === before ? after : session));
  return after;
}

const isEnded = ({ endedAt }: Session) => endedAt !== null;
const now = () => new Date().toISOString();

/** What every call answers, from the world alone. */
export const handlers: Handlers = {
  me: ({ me }) => {
    if (me === null) throw new Refusal(401, "not-logged-in", "You are not logged in", "nobody is logged in");
    return me;
  },
  listProposals: ({ proposals }, { query }) =>
    page(proposals.filter(({ myRole }) => query["mine"] !== true || myRole !== null)),
  getProposal: ({ proposals }, call) => one(proposals, "id", call),
  listDatasets: (world, { query }) => datasetsPage(world, query),
  getDataset: ({ details }, call) => one(details, "id", call),
  listDatafiles: ({ files }, { params }) => page(files.get(params["id"] ?? "") ?? []),
  getPreview: ({ previews }, { params }) =>
    previews.get(params["id"] ?? "") ?? { shape: "none", why: "nothing to draw" },
  listEnvironments: ({ environments }) => page(environments),
  getEnvironment: ({ environments }, call) => one(environments, "name", call),
  listFlavours: ({ flavours }) => page(flavours),
  listPlans: ({ plans }) => page(plans),
  listProviders: ({ providers }) => page(providers),
  drainProvider: (world, call) => setDrain(world, call, { by: "pi", at: now() }),
  resumeProvider: (world, call) => setDrain(world, call, null),
  startSession: (world, { body, idempotencyKey }) => start(world, body as SessionRequest, idempotencyKey),
  listSessions: ({ sessions }, { query }) =>
    page(
      sessions
        .filter(
          (session) => query["phase"] === undefined || isEnded(session) === (query["phase"] === "ended"),
        )
        .filter(({ array }) => query["array"] === undefined || array?.id === query["array"])
        .filter(({ proposal }) => query["proposal"] === undefined || proposal === query["proposal"])
        .filter(
          ({ myAccess }) => query["proposal"] !== undefined || query["all"] === true || myAccess !== "peer",
        ),
    ),
  getSession: ({ sessions }, call) => one(sessions, "id", call),
  stopSession: (world, call) => change(world, call, { phase: "stopping", reason: "user" }),
  extendSession: (world, call) => {
    const { hours } = call.body as { hours: number };
    if (hours > 100)
      throw new Refusal(422, "lifetime-limit", "The session cannot be extended further", "72 hours at most");
    return change(world, call, {
      expiresAt: new Date(Date.now() + hours * 3_600_000).toISOString(),
      warnedAt: null,
    });
  },
  renameSession: (world, call) => change(world, call, { name: (call.body as { name: string }).name }),
  openSession: () => {
    throw new Error("the fake portal answers this itself");
  },
  getSessionLog: ({ log }) => ({ text: log }),
  listShares: ({ shares }, { params }) => page(shares.get(params["id"] ?? "") ?? []),
  share: ({ shares }, { params, body }) => {
    const { account, as, until } = body as { account: string; as: "member"; until?: string };
    if (account === "nobody")
      throw new Refusal(
        422,
        "account-unknown",
        "There is no such account",
        `there is nobody called ${account}`,
      );
    const rest = { until: until ?? null, by: "pi", at: now(), link: null };
    const made = { account, name: "Member of the experiment", as, ...rest };
    shares.set(params["id"] ?? "", [...(shares.get(params["id"] ?? "") ?? []), made]);
    return made;
  },
  unshare: ({ shares }, { params, query }) => {
    const left = (shares.get(params["id"] ?? "") ?? []).filter(({ account }) => account !== query["account"]);
    shares.set(params["id"] ?? "", left);
    return undefined;
  },
  getUsage: ({ sessions }) => ({
    from: "2026-11-01T00:00:00Z",
    to: now(),
    sessionsStarted: sessions.length,
    runningSeconds: 51_300,
    live: sessions.filter((session) => !isEnded(session) && session.job === null).length,
    liveLimit: 8,
    liveBatch: sessions.filter((session) => !isEnded(session) && session.job !== null).length,
    liveBatchLimit: 50,
  }),
  listNotices: ({ notices }, { query }) => ({
    ...page(notices.slice(0, Number(query["limit"]))),
    unread: notices.filter(({ read }) => !read).length,
  }),
  readNotices: (world, { body }) => {
    const { ids } = body as { ids: string[] };
    world.notices = world.notices.map((notice) => ({
      ...notice,
      read: notice.read || ids.includes(notice.id),
    }));
    return undefined;
  },
  ...sharing,
  listTokens: ({ tokens }) => page(tokens),
  makeToken: (world, { body }) => {
    const { name, scopes, expiresInSeconds } = body as {
      name: string;
      scopes: ["read"];
      expiresInSeconds: number;
    };
    const expiresAt = new Date(Date.now() + expiresInSeconds * 1000).toISOString();
    const made = { id: randomUUID(), name, scopes, createdAt: now(), expiresAt, lastUsedAt: null };
    world.tokens.push(made);
    return { ...made, token: `est_${"0".repeat(40)}` };
  },
  revokeToken: (world, { params }) => {
    world.tokens = world.tokens.filter(({ id }) => id !== params["id"]);
    return undefined;
  },
  beginDevice: () => {
    throw notFound("not for browsers");
  },
  pollDevice: () => {
    throw notFound("not for browsers");
  },
  approveDevice: (_world, { body }) => {
    const { userCode } = body as { userCode: string };
    if (userCode === "GONE-GONE") throw notFound("this code has expired or was never given");
    return undefined;
  },
};

function datasetsPage({ datasets }: World, query: Record<string, unknown>) {
  const words = String(query["q"] ?? "").toLowerCase();
  const fits = datasets.filter(
    (dataset) =>
      (query["proposal"] === undefined || dataset.proposal === query["proposal"]) &&
      (query["instrument"] === undefined || dataset.instrument === query["instrument"]) &&
      (query["access"] === undefined || dataset.access === query["access"]) &&
      (query["technique"] === undefined || dataset.techniques.some(({ id }) => id === query["technique"])) &&
      JSON.stringify(dataset).toLowerCase().includes(words),
  );
  const from = Number(query["cursor"] ?? 0);
  const to = from + Math.min(Number(query["limit"]), 3);
  return Number(query["limit"]) > 100
    ? page(fits)
    : { items: fits.slice(from, to), next: to < fits.length ? String(to) : null };
}

const keys = new Map<string, string>();

function start(world: World, body: SessionRequest, key: string | null): Session {
  if (key === null) throw new Error("a start must carry an Idempotency-Key");
  const known = world.sessions.find(({ id }) => id === keys.get(key));
  if (known !== undefined) return known;
  const datasets = [...(body.datasets ?? [])];
  const changes = { datasets, environment: body.environment, flavour: body.flavour ?? "medium" };
  const number = 20 + world.sessions.length;
  const made = body.job === undefined ? [newSession(number, "pending", changes)] : batch(number, body);
  const [first] = made as [Session];
  keys.set(key, first.id);
  world.sessions = [...made, ...world.sessions];
  return first;
}

/** A session for each of the datasets, or one. */
function batch(number: number, { job, datasets = [], parameters = {} }: SessionRequest): Session[] {
  const shown = { notebook: job?.notebook ?? null, arguments: [], retries: job?.retries ?? 0, retried: 0 };
  const size = job?.over === undefined ? 1 : datasets.length;
  return Array.from({ length: size }, (_, index) =>
    newSession(number + index, "pending", {
      kind: "batch",
      endpoints: [],
      parameters,
      job: { ...shown, hasScript: job?.script !== undefined },
      array: job?.over === undefined ? null : { id: idOf(number), index, size },
      datasets: size === 1 ? [...datasets] : [datasets[index] ?? ""],
    }),
  );
}

export const routeNames = Object.keys(routes) as RouteName[];

function setDrain(world: World, call: FakeCall, drained: Provider["drained"]) {
  const provider = { ...one(world.providers, "name", call), drained };
  world.providers = world.providers.map((each) => (each.name === provider.name ? provider : each));
  return provider;
}
