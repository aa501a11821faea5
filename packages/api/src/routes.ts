import { z } from "zod";
import { empty, pageOf, pageQuery, sessionId } from "./common.ts";
import * as datasets from "./datasets.ts";
import * as environments from "./environments.ts";
import * as identity from "./identity.ts";
import * as notices from "./notices.ts";
import * as proposals from "./proposals.ts";
import * as providers from "./providers.ts";
import * as sessions from "./sessions.ts";
import * as sharing from "./sharing.ts";

/** One call of the API. `answer` null: no body. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/api/v1`, with `{name}` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | null;
  readonly status: 200 | 201 | 202 | 204;
  readonly answer: z.ZodType | null;
  /** What it takes: nobody logged in, or a token's scope. */
  readonly needs: "nothing" | identity.Scope;
}

const byId = z.object({ id: sessionId });
const bySlug = z.object({ id: z.string().min(1).max(200) });

const get = { method: "GET", params: empty, query: empty, body: null, status: 200, needs: "read" } as const;
const post = {
  method: "POST",
  params: empty,
  query: empty,
  body: null,
  status: 200,
  needs: "sessions",
} as const;

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
  listShares: {
    ...get,
    path: "/sessions/{id}/shares",
    summary: "Who else may enter",
    params: byId,
    answer: pageOf(sessions.share),
  },
  share: {
    ...post,
    path: "/sessions/{id}/shares",
    summary: "Let somebody else in",
    params: byId,
    body: sessions.shareRequest,
    status: 201,
    answer: sessions.share,
  },
  unshare: {
    ...post,
    method: "DELETE",
    path: "/sessions/{id}/shares",
    summary: "Let somebody in no more",
    params: byId,
    query: sessions.unshareQuery,
    status: 204,
    answer: null,
  },

  handOver: {
    ...post,
    path: "/sessions/{id}/hand-over",
    summary: "Hand the keyboard over to somebody who is let in, or take it back",
    params: byId,
    body: sharing.handingOver,
    answer: sessions.share,
  },
  listLinks: {
    ...get,
    path: "/sessions/{id}/links",
    summary: "Links that let others in, and who came by them; for its owner",
    params: byId,
    answer: pageOf(sharing.link),
  },
  makeLink: {
    ...post,
    path: "/sessions/{id}/links",
    summary: "Make a link for people who may log in",
    params: byId,
    body: sharing.linkRequest,
    status: 201,
    answer: sharing.linkMade,
  },
  revokeLink: {
    ...post,
    method: "DELETE",
    path: "/sessions/{id}/links/{link}",
    summary: "Revoke a link",
    params: sharing.linkParams,
    query: sharing.revokeQuery,
    status: 204,
    answer: null,
  },
  joinByLink: {
    ...post,
    path: "/join",
    summary: "Take a link: its secret is what stands behind the # of its address",
    body: sharing.joining,
    answer: sharing.joined,
  },
  askToJoin: {
    ...post,
    path: "/sessions/{id}/requests",
    summary: "Ask its owner to be let in",
    params: byId,
    body: sharing.asking,
    status: 201,
    answer: sharing.joinRequest,
  },
  listRequests: {
    ...get,
    path: "/requests",
    summary: "Requests to join my sessions, and what became of mine in the last day",
    answer: pageOf(sharing.joinRequest),
  },
  answerRequest: {
    ...post,
    path: "/requests/{request}/answer",
    summary: "Let in who asked, or not; for the session's owner",
    params: sharing.requestParams,
    body: sharing.answering,
    answer: sharing.joinRequest,
  },
  withdrawRequest: {
    ...post,
    method: "DELETE",
    path: "/requests/{request}",
    summary: "Withdraw what I asked",
    params: sharing.requestParams,
    status: 204,
    answer: null,
  },
  listPresent: {
    ...get,
    path: "/sessions/{id}/present",
    summary: "Who is inside now",
    params: byId,
    answer: pageOf(sharing.present),
  },
  listAudit: {
    ...get,
    path: "/sessions/{id}/audit",
    summary:
      "What is recorded of who was let in, the newest first; for its owner, support and administrators",
    params: byId,
    query: sharing.auditQuery,
    answer: pageOf(sharing.auditEntry),
  },

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
