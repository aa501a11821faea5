import type { RouteName } from "@endstation/api";

/**
 * Who asks. The session is `pi`'s, on a dataset under embargo of a proposal that strangers may not know of.
 * `peer`: of the proposal's team without a share. `sharer`: of the team, with a share as member. `token`: the owner by an
 * access token that may only read.
 */
export const askers = ["nobody", "stranger", "peer", "sharer", "owner", "support", "admin", "token"] as const;
export type Asker = (typeof askers)[number];

/** What stands for what in a request: `own` things are the owner's. */
export interface Things {
  readonly session: string;
  readonly dataset: string;
  readonly proposal: string;
  readonly file: string;
  readonly token: string;
  /** A link to the session, and a request of the peer's. */
  readonly link: string;
  readonly request: string;
}

export interface Asked {
  /** Path below `/api/v1`, filled in. */
  readonly path: (things: Things) => string;
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: (things: Things) => unknown;
  /** Statuses in the order of {@link askers}. */
  readonly answers: readonly number[];
}

const everybodyWithin = [401, 200, 200, 200, 200, 200, 200, 200];
const adminOnly = [401, 403, 403, 403, 403, 403, 200, 403];
const teamOnly = [401, 404, 200, 200, 200, 404, 404, 200];
const inside = [401, 404, 403, 200, 200, 403, 200, 200];
const ownerOnly = (status: number) => [401, 404, 403, 403, status, 403, 403, 403];

/** Every call of the API, and the two that are streams. A change that is refused comes before the one that is not. */
export const rights: Readonly<Record<RouteName | "events" | "datafile", readonly Asked[]>> = {
  me: [{ path: () => "/me", answers: everybodyWithin }],
  listProposals: [{ path: () => "/proposals", answers: everybodyWithin }],
  getProposal: [{ path: ({ proposal }) => `/proposals/${proposal}`, answers: teamOnly }],
  listDatasets: [{ path: () => "/datasets", answers: everybodyWithin }],
  getDataset: [{ path: ({ dataset }) => `/datasets/${dataset}`, answers: teamOnly }],
  listDatafiles: [{ path: ({ dataset }) => `/datasets/${dataset}/files`, answers: teamOnly }],
  getPreview: [{ path: ({ dataset }) => `/datasets/${dataset}/preview`, answers: teamOnly }],
  datafile: [{ path: ({ dataset, file }) => `/datasets/${dataset}/files/${file}`, answers: teamOnly }],
  listEnvironments: [{ path: () => "/environments", answers: everybodyWithin }],
  getEnvironment: [{ path: () => "/environments/nexus", answers: everybodyWithin }],
  listFlavours: [{ path: () => "/flavours", answers: everybodyWithin }],
  listPlans: [
    { path: () => "/plans", answers: everybodyWithin },
    { path: ({ dataset }) => `/plans?dataset=${dataset}`, answers: teamOnly },
  ],
  events: [{ path: () => "/events", answers: everybodyWithin }],
  getUsage: [{ path: () => "/usage", answers: everybodyWithin }],

  listNotices: [{ path: () => "/notices", answers: everybodyWithin }],
  readNotices: [
    {
      method: "POST",
      path: () => "/notices/read",
      body: () => ({ ids: ["1"] }),
      answers: [401, 204, 204, 204, 204, 204, 204, 403],
    },
  ],

  listSessions: [
    { path: () => "/sessions", answers: everybodyWithin },
    { path: () => "/sessions?all=true", answers: [401, 403, 403, 403, 403, 200, 200, 403] },
  ],
  getSession: [{ path: ({ session }) => `/sessions/${session}`, answers: inside }],
  getSessionLog: [{ path: ({ session }) => `/sessions/${session}/logs`, answers: inside }],
  listShares: [{ path: ({ session }) => `/sessions/${session}/shares`, answers: inside }],
  listPresent: [{ path: ({ session }) => `/sessions/${session}/present`, answers: inside }],
  listAudit: [
    {
      path: ({ session }) => `/sessions/${session}/audit`,
      answers: [401, 404, 403, 403, 200, 200, 200, 200],
    },
  ],
  listLinks: [
    {
      path: ({ session }) => `/sessions/${session}/links`,
      answers: [401, 404, 403, 403, 200, 403, 403, 403],
    },
  ],
  makeLink: [
    {
      method: "POST",
      path: ({ session }) => `/sessions/${session}/links`,
      body: () => ({ as: "viewer" }),
      answers: ownerOnly(201),
    },
  ],
  joinByLink: [
    {
      method: "POST",
      path: () => "/join",
      body: () => ({ secret: "nothing of the kind" }),
      answers: [401, 404, 404, 404, 404, 404, 404, 403],
    },
  ],
  handOver: [
    {
      method: "POST",
      path: ({ session }) => `/sessions/${session}/hand-over`,
      body: () => ({ account: "local-contact", as: "member" }),
      answers: ownerOnly(200),
    },
  ],
  listRequests: [{ path: () => "/requests", answers: everybodyWithin }],
  askToJoin: [
    {
      method: "POST",
      path: ({ session }) => `/sessions/${session}/requests`,
      body: () => ({ as: "viewer" }),
      // The peer's is open already; support and administrators may not have the data.
      answers: [401, 404, 409, 403, 403, 403, 403, 403],
    },
  ],
  answerRequest: [
    {
      method: "POST",
      path: ({ request }) => `/requests/${request}/answer`,
      body: () => ({ answer: "no" }),
      answers: ownerOnly(200),
    },
  ],
  withdrawRequest: [
    {
      method: "DELETE",
      path: ({ request }) => `/requests/${request}`,
      // It is answered by then.
      answers: [401, 404, 409, 404, 404, 404, 404, 403],
    },
  ],
  revokeLink: [
    {
      method: "DELETE",
      path: ({ session, link }) => `/sessions/${session}/links/${link}`,
      answers: ownerOnly(204),
    },
  ],
  startSession: [
    {
      method: "POST",
      path: () => "/sessions",
      body: ({ dataset }) => ({ environment: "nexus", datasets: [dataset] }),
      answers: [401, 404, 201, 201, 201, 404, 404, 403],
    },
    {
      method: "POST",
      path: () => "/sessions",
      body: ({ proposal }) => ({ environment: "nexus", proposal }),
      answers: [401, 404, 201, 201, 201, 404, 404, 403],
    },
  ],
  openSession: [
    {
      method: "POST",
      path: ({ session }) => `/sessions/${session}/open`,
      body: () => ({ endpoint: "jupyter" }),
      answers: [401, 404, 403, 200, 200, 403, 403, 403],
    },
  ],
  renameSession: [
    {
      method: "POST",
      path: ({ session }) => `/sessions/${session}/rename`,
      body: () => ({ name: "by another name" }),
      answers: ownerOnly(200),
    },
  ],
  extendSession: [
    {
      method: "POST",
      path: ({ session }) => `/sessions/${session}/extend`,
      body: () => ({ hours: 24 }),
      answers: ownerOnly(200),
    },
  ],
  share: [
    {
      method: "POST",
      path: ({ session }) => `/sessions/${session}/shares`,
      body: () => ({ account: "member", as: "viewer" }),
      answers: ownerOnly(201),
    },
  ],
  unshare: [
    {
      method: "DELETE",
      path: ({ session }) => `/sessions/${session}/shares?account=member`,
      answers: ownerOnly(204),
    },
  ],

  listProviders: [{ path: () => "/providers", answers: adminOnly }],
  drainProvider: [{ method: "POST", path: () => "/providers/toy/drain", answers: adminOnly }],
  resumeProvider: [{ method: "POST", path: () => "/providers/toy/resume", answers: adminOnly }],
  listTokens: [{ path: () => "/tokens", answers: everybodyWithin }],
  makeToken: [
    {
      method: "POST",
      path: () => "/tokens",
      body: () => ({ name: "made by the table", scopes: ["read"] }),
      answers: [401, 201, 201, 201, 201, 201, 201, 403],
    },
  ],
  revokeToken: [
    {
      method: "DELETE",
      path: ({ token }) => `/tokens/${token}`,
      answers: [401, 404, 404, 404, 204, 404, 404, 403],
    },
  ],
  beginDevice: [
    {
      method: "POST",
      path: () => "/device",
      body: () => ({}),
      answers: [200, 200, 200, 200, 200, 200, 200, 200],
    },
  ],
  pollDevice: [
    {
      method: "POST",
      path: () => "/device/poll",
      body: () => ({ deviceCode: "nothing of the kind" }),
      answers: [200, 200, 200, 200, 200, 200, 200, 200],
    },
  ],
  approveDevice: [
    {
      method: "POST",
      path: () => "/device/approve",
      body: () => ({ userCode: "AAAA-AAAA", approve: true }),
      answers: [401, 404, 404, 404, 404, 404, 404, 403],
    },
  ],
  stopSession: [
    {
      method: "POST",
      path: ({ session }) => `/sessions/${session}/stop`,
      answers: [401, 404, 403, 403, 202, 403, 202, 403],
    },
  ],
};
