import { z } from "zod";
import { pageOf, pageQuery } from "./common.ts";
import * as datasets from "./datasets.ts";
import * as environments from "./environments.ts";
import * as identity from "./identity.ts";
import * as notices from "./notices.ts";
import * as proposals from "./proposals.ts";
import * as providers from "./providers.ts";
import { byId, bySlug, get, post, type Route } from "./route.ts";
import * as sessions from "./sessions.ts";
import { sharingRoutes } from "./sharing-routes.ts";

/** Every call of the API, by name: the server registers them, the client calls them, OpenAPI is made from them. */
export const routes = {
  me: { ...get, path: "/me", summary: "Who I am", answer: identity.me },

  listProposals: {
    ...get,
    path: "/proposals",
    summary: "My proposals and open ones",
    query: pageQuery.extend({ mine: z.stringbool().default(false) }),
    answer: pageOf(proposals.proposal),
  },
  getProposal: {
    ...get,
    path: "/proposals/{id}",
    summary: "One proposal",
    params: bySlug,
    answer: proposals.proposal,
  },

  listDatasets: {
    ...get,
    path: "/datasets",
    summary: "Datasets I may see",
    query: datasets.datasetQuery,
    answer: pageOf(datasets.dataset),
  },
  getDataset: {
    ...get,
    path: "/datasets/{id}",
    summary: "One dataset with its parameters",
    params: bySlug,
    answer: datasets.datasetDetail,
  },
  listDatafiles: {
    ...get,
    path: "/datasets/{id}/files",
    summary: "Its files",
    params: bySlug,
    answer: pageOf(datasets.datafile),
  },
  getPreview: {
    ...get,
    path: "/datasets/{id}/preview",
    summary: "A small picture of its data",
    params: bySlug,
    answer: datasets.preview,
  },

  listEnvironments: {
    ...get,
    path: "/environments",
    summary: "What software can be started",
    answer: pageOf(environments.environment),
  },
  getEnvironment: {
    ...get,
    path: "/environments/{id}",
    summary: "One environment",
    params: bySlug,
    answer: environments.environment,
  },
  listFlavours: {
    ...get,
    path: "/flavours",
    summary: "The named sizes",
    answer: pageOf(environments.flavour),
  },
  listPlans: {
    ...get,
    path: "/plans",
    summary: "What can be started for a dataset, the best first",
    query: environments.planQuery,
    answer: pageOf(environments.plan),
  },

  startSession: {
    ...post,
    path: "/sessions",
    summary: "Start a session",
    body: sessions.sessionRequest,
    status: 201,
    answer: sessions.session,
  },
  listSessions: {
    ...get,
    path: "/sessions",
    summary: "My sessions, the newest first",
    query: sessions.sessionQuery,
    answer: pageOf(sessions.session),
  },
  getSession: {
    ...get,
    path: "/sessions/{id}",
    summary: "One session",
    params: byId,
    answer: sessions.session,
  },
  stopSession: {
    ...post,
    path: "/sessions/{id}/stop",
    summary: "Stop it; files are kept",
    params: byId,
    query: sessions.stopQuery,
    status: 202,
    answer: sessions.session,
  },
  extendSession: {
    ...post,
    path: "/sessions/{id}/extend",
    summary: "Let it run longer",
    params: byId,
    body: sessions.extension,
    answer: sessions.session,
  },
  renameSession: {
    ...post,
    path: "/sessions/{id}/rename",
    summary: "Give it another name",
    params: byId,
    body: sessions.renaming,
    answer: sessions.session,
  },
  openSession: {
    ...post,
    path: "/sessions/{id}/open",
    summary: "A one-use ticket to enter it",
    params: byId,
    body: sessions.opening,
    answer: sessions.opened,
  },
  getSessionLog: {
    ...get,
    path: "/sessions/{id}/logs",
    summary: "The last lines it wrote",
    params: byId,
    answer: sessions.log,
  },
  ...sharingRoutes,

  getUsage: {
    ...get,
    path: "/usage",
    summary: "How long my sessions ran",
    query: sessions.usageQuery,
    answer: sessions.usage,
  },

  listNotices: {
    ...get,
    path: "/notices",
    summary: "What I was told of my sessions, the newest first",
    query: pageQuery,
    answer: notices.noticePage,
  },
  readNotices: {
    ...post,
    path: "/notices/read",
    summary: "I have read these",
    body: notices.noticesRead,
    status: 204,
    answer: null,
  },

  listTokens: { ...get, path: "/tokens", summary: "My access tokens", answer: pageOf(identity.token) },
  makeToken: {
    ...post,
    path: "/tokens",
    summary: "Make an access token",
    body: identity.tokenRequest,
    status: 201,
    answer: identity.tokenMade,
  },
  revokeToken: {
    ...post,
    method: "DELETE",
    path: "/tokens/{id}",
    summary: "Revoke an access token",
    params: bySlug,
    status: 204,
    answer: null,
  },

  listProviders: {
    ...get,
    path: "/providers",
    summary: "Where sessions run, and how many do; for administrators",
    needs: "admin",
    answer: pageOf(providers.provider),
  },
  drainProvider: {
    ...post,
    path: "/providers/{id}/drain",
    summary: "Let it take no new sessions; those that run go on",
    params: bySlug,
    needs: "admin",
    answer: providers.provider,
  },
  resumeProvider: {
    ...post,
    path: "/providers/{id}/resume",
    summary: "Let it take new sessions again",
    params: bySlug,
    needs: "admin",
    answer: providers.provider,
  },

  beginDevice: {
    ...post,
    path: "/device",
    summary: "Begin the log-in of a command line",
    needs: "nothing",
    body: identity.deviceRequest,
    answer: identity.deviceBegun,
  },
  pollDevice: {
    ...post,
    path: "/device/poll",
    summary: "Whether it was approved",
    needs: "nothing",
    body: identity.devicePoll,
    answer: identity.devicePolled,
  },
  approveDevice: {
    ...post,
    path: "/device/approve",
    summary: "Approve or refuse it, in the browser",
    body: identity.deviceApproval,
    status: 204,
    answer: null,
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
