import type {
  auditEntry as auditSchema,
  link as linkSchema,
  joinRequest as requestSchema,
  share as shareSchema,
} from "@endstation/api";
import {
  answerRequest,
  askToJoin,
  type Clock,
  handOver,
  type JoinRequest,
  joinByLink,
  type ListedRequest,
  listAudit,
  listLinks,
  listPresent,
  listRequests,
  listShares,
  makeLink,
  minute,
  revokeLink,
  type Share,
  type ShareDeps,
  type ShareLink,
  type StoredAuditEntry,
  shareSession,
  unshareSession,
  withdrawRequest,
} from "@endstation/core";
import type { z } from "zod";
import { type Handlers, wireInstant } from "./handlers.ts";
import { createRateLimit } from "./rate-limit.ts";

export interface SharingDeps {
  readonly sharing: ShareDeps;
  readonly clock: Clock;
  readonly publicOrigin: string;
  /** Display names by account; an account nobody knows is shown as itself. */
  names(accounts: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

type Names = Pick<
  Handlers,
  | "listShares"
  | "share"
  | "unshare"
  | "handOver"
  | "listLinks"
  | "makeLink"
  | "revokeLink"
  | "joinByLink"
  | "askToJoin"
  | "listRequests"
  | "answerRequest"
  | "withdrawRequest"
  | "listPresent"
  | "listAudit"
>;

/** How others are let into sessions, and who is there. */
export function sharingHandlers(deps: SharingDeps): Names {
  return { ...shareHandlers(deps), ...linkHandlers(deps), ...requestHandlers(deps), ...lookHandlers(deps) };
}

function shareHandlers(deps: SharingDeps): Pick<Names, "listShares" | "share" | "unshare" | "handOver"> {
  const one = async (share: Share) => (await wireShares(deps, [share]))[0] as z.input<typeof shareSchema>;
  return {
    listShares: async ({ principal, params }) => {
      const items = await wireShares(deps, await listShares(deps.sharing, principal, params.id));
      return { items, next: null };
    },
    share: async ({ principal, params, body: { account, as, until } }) =>
      one(await shareSession(deps.sharing, principal, params.id, { account, as, until: momentOf(until) })),
    unshare: async ({ principal, params, query }) => {
      await unshareSession(deps.sharing, principal, params.id, query.account);
    },
    handOver: async ({ principal, params, body }) =>
      one(await handOver(deps.sharing, principal, params.id, body)),
  };
}

function linkHandlers(
  deps: SharingDeps,
): Pick<Names, "listLinks" | "makeLink" | "revokeLink" | "joinByLink"> {
  const tries = createRateLimit({ most: 30, withinMs: minute, clock: deps.clock });
  return {
    listLinks: async ({ principal, params }) => {
      const links = await listLinks(deps.sharing, principal, params.id);
      return { items: await wireLinks(deps, links), next: null };
    },
    makeLink: async ({ principal, params, body: { as, hours, mostUses = null } }) => {
      const made = await makeLink(deps.sharing, principal, params.id, { as, hours, mostUses });
      const [link] = await wireLinks(deps, [made.link]);
      return { ...(link as z.input<typeof linkSchema>), url: `${deps.publicOrigin}/join#${made.secret}` };
    },
    revokeLink: async ({ principal, params, query }) => {
      await revokeLink(deps.sharing, principal, params.id, params.link, query.shares);
    },
    joinByLink: async ({ principal, body }) => {
      tries.count(principal.account, "links tried");
      const { sessionId: session, as } = await joinByLink(deps.sharing, principal, body.secret);
      return { session, as };
    },
  };
}

function requestHandlers(
  deps: SharingDeps,
): Pick<Names, "askToJoin" | "listRequests" | "answerRequest" | "withdrawRequest"> {
  return {
    askToJoin: async ({ principal, params, body: { as, reason = null } }) =>
      wireRequest(deps, await askToJoin(deps.sharing, principal, params.id, { as, reason })),
    listRequests: async ({ principal }) => {
      const items = await wireRequests(deps, await listRequests(deps.sharing, principal));
      return { items, next: null };
    },
    answerRequest: async ({ principal, params, body: { answer, as = null, until } }) => {
      const given = { answer, as, until: momentOf(until) };
      return wireRequest(deps, await answerRequest(deps.sharing, principal, params.request, given));
    },
    withdrawRequest: async ({ principal, params }) => {
      await withdrawRequest(deps.sharing, principal, params.request);
    },
  };
}

function lookHandlers(deps: SharingDeps): Pick<Names, "listPresent" | "listAudit"> {
  return {
    listPresent: async ({ principal, params }) => {
      const found = await listPresent(deps.sharing, principal, params.id);
      const names = await deps.names(found.map(({ account }) => account));
      const items = found.map(({ account, role, since }) => ({
        ...{ account, name: names.get(account) ?? account, role },
        since: wireInstant(since),
      }));
      return { items, next: null };
    },
    listAudit: async ({ principal, params, query }) => {
      const page = { limit: query.limit, cursor: query.cursor ?? null };
      const { items, next } = await listAudit(deps.sharing, principal, params.id, page);
      return { items: items.map(wireAudit), next };
    },
  };
}

function momentOf(instant: string | undefined): number | null {
  return instant === undefined ? null : Date.parse(instant);
}

async function wireShares({ names }: SharingDeps, shares: readonly Share[]) {
  const known = await names(shares.map((share) => share.account));
  return shares.map(({ account, as, until, by, at, link }) => ({
    ...{ account, name: known.get(account) ?? account, as, by, link },
    until: wireInstant(until),
    at: wireInstant(at),
  }));
}

async function wireLinks(
  { names }: SharingDeps,
  links: readonly ShareLink[],
): Promise<z.input<typeof linkSchema>[]> {
  const known = await names([...new Set(links.flatMap(({ uses }) => uses.map(({ account }) => account)))]);
  return links.map(({ id, as, until, mostUses, uses, by, at }) => ({
    ...{ id, as, mostUses, by },
    until: wireInstant(until),
    at: wireInstant(at),
    uses: uses.map((use) => ({
      ...{ account: use.account, name: known.get(use.account) ?? use.account },
      at: wireInstant(use.at),
    })),
  }));
}

async function wireRequest(deps: SharingDeps, request: JoinRequest) {
  const session = await deps.sharing.store.get(request.sessionId);
  const shown = { name: session?.name ?? "", owner: session?.owner ?? "" };
  const [wire] = await wireRequests(deps, [{ ...request, session: shown }]);
  return wire as z.input<typeof requestSchema>;
}

async function wireRequests(
  { names }: SharingDeps,
  requests: readonly ListedRequest[],
): Promise<z.input<typeof requestSchema>[]> {
  const known = await names([...new Set(requests.map(({ account }) => account))]);
  return requests.map(({ id, sessionId, session, account, as, reason, state, at, until, answeredAt }) => ({
    ...{ id, session: { id: sessionId, name: session.name }, owner: session.owner },
    ...{ account, name: known.get(account) ?? account, as, reason, state },
    at: wireInstant(at),
    until: wireInstant(until),
    answeredAt: wireInstant(answeredAt),
  }));
}

function wireAudit({ sessionId: _, at, until, ...entry }: StoredAuditEntry): z.input<typeof auditSchema> {
  return { ...entry, at: wireInstant(at), until: wireInstant(until) };
}
