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
const inside = [401, 404, 403, 200, 200, 404, 200, 200];

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
      answers: [401, 404, 403, 200, 200, 404, 403, 403],
    },
  ],
  renameSession: [
    {
      method: "POST",
      path: ({ session }) => `/sessions/${session}/rename`,
      body: () => ({ name: "by another name" }),
      answers: [401, 404, 403, 403, 200, 404, 403, 403],
    },
  ],
  extendSession: [
    {
      method: "POST",
      path: ({ session }) => `/sessions/${session}/extend`,
      body: () => ({ hours: 24 }),
      answers: [401, 404, 403, 403, 200, 404, 403, 403],
    },
  ],
  share: [
    {
      method: "POST",
      path: ({ session }) => `/sessions/${session}/shares`,
      body: () => ({ account: "member", as: "viewer" }),
      answers: [401, 404, 403, 403, 201, 404, 403, 403],
    },
  ],
  unshare: [
    {
      method: "DELETE",
      path: ({ session }) => `/sessions/${session}/shares?account=member`,
      answers: [401, 404, 403, 403, 204, 404, 403, 403],
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
      answers: [401, 404, 403, 403, 202, 404, 202, 403],
    },
  ],
};
