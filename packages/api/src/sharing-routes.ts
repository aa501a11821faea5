import { pageOf } from "./common.ts";
import { byId, get, post, type Route } from "./route.ts";
import * as sessions from "./sessions.ts";
import * as sharing from "./sharing.ts";

/** The calls about who else is let into a session. */
export const sharingRoutes = {
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
} as const satisfies Record<string, Route>;
