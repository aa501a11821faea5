import type { Duplex } from "node:stream";
import type { Hint } from "@endstation/api";
import type {
  ChangeDeps,
  Clock,
  ComputeProvider,
  EndpointKind,
  EnterDeps,
  Ids,
  NoticeStore,
  ProviderStates,
  ShareDeps,
  Supply,
} from "@endstation/core";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { IdentitySetup } from "../adapters/identity/registry.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { limits } from "../hdf5/limits.ts";
import { registerApi } from "../http/api.ts";
import { createAuthenticate } from "../http/authenticate.ts";
import { registerDatafileBytes } from "../http/datafile-bytes.ts";
import { datasetHandlers } from "../http/datasets.ts";
import { environmentHandlers } from "../http/environments.ts";
import { registerErrorPage } from "../http/error-page.ts";
import { registerEvents } from "../http/events.ts";
import { createFromSession, type FromSession } from "../http/from-session.ts";
import { registerHdf5 } from "../http/hdf5.ts";
import { registerHealth } from "../http/health.ts";
import { identityHandlers } from "../http/identity.ts";
import { registerLogin } from "../http/login.ts";
import { registerMounts } from "../http/mounts.ts";
import { noticeHandlers } from "../http/notices.ts";
import { registerOpenApi } from "../http/openapi.ts";
import { proposalHandlers } from "../http/proposals.ts";
import { providerHandlers } from "../http/providers.ts";
import { sessionHandlers } from "../http/sessions.ts";
import { sharingHandlers } from "../http/sharing.ts";
import { usageHandlers } from "../http/usage.ts";
import { registerWeb } from "../http/web.ts";
import type { HintFeed } from "../store/hints.ts";
import { liveSessionsOf } from "../store/live-sessions.ts";
import { usageOf } from "../store/usage.ts";
import { partsOf } from "./parts.ts";
import { logsWith, type SessionNeeds } from "./sessions.ts";
import { hintsFor } from "./visible-hints.ts";

export interface HttpNeeds extends SessionNeeds {
  readonly sessions: ChangeDeps & EnterDeps & ShareDeps;
  readonly supply: Supply;
  readonly states: ProviderStates;
  readonly notices: NoticeStore;
  readonly platform: Clock & Ids;
  readonly log: Logger;
  readonly gateway: Gateway;
  readonly identity: IdentitySetup;
  readonly feed: HintFeed<Hint["resource"]>;
  readonly providers: ReadonlyMap<string, ComputeProvider<Duplex>>;
  readonly webFolder: string | null;
}

/** Every address of the portal's own origin; answers what serves sessions themselves. */
export async function composeHttp(app: FastifyInstance, needs: HttpNeeds): Promise<FromSession> {
  const { config, clock, data, identities, identity } = needs;
  const publicOrigin = config.publicUrl;
  const authenticate = createAuthenticate({ credentials: identities, clock, publicOrigin });
  const handlers = handlersOf(needs);
  registerApi(app, handlers, authenticate);
  registerDatafileBytes(app, { read: data.read, authenticate });
  registerHdf5(app, {
    read: { ...data.read, hdf5: data.hdf5 },
    authenticate,
    sending: limits.serving.sending,
  });
  registerEvents(app, { ...needs.feed, authenticate, maySee: hintsFor({ ...needs.sessions, ...data.read }) });
  registerLogin(app, {
    provider: identity.provider,
    logins: identities,
    clock,
    publicOrigin,
    refuses: identity.refuses,
  });
  registerMounts(app, identity.mounts);
  registerHealth(app, partsOf(needs));
  await registerOpenApi(app, publicOrigin);
  await registerErrorPage(app);
  if (needs.webFolder !== null) await registerWeb(app, needs.webFolder);
  return createFromSession({
    handlers,
    session: (id) => needs.store.get(id),
    accountNamed: (account) => identities.accountNamed(account),
    log: needs.log,
  });
}

function handlersOf(needs: HttpNeeds) {
  const { config, database, clock, data, identities, supply, sessions, store, platform, gateway, log } =
    needs;
  return {
    ...identityHandlers({ identities, clock, publicOrigin: config.publicUrl }),
    ...proposalHandlers({
      find: data.read,
      liveSessions: (proposals) => liveSessionsOf(database, proposals),
    }),
    ...datasetHandlers(data.read),
    ...environmentHandlers({ supply, data: data.rights }),
    ...sessionHandlers({
      start: { store, supply, data: data.rights, platform, limits: config.admission },
      change: sessions,
      names: (accounts) => identities.names(accounts),
      ticket: ({ session, relation }, principal, endpoint) =>
        gateway.issueTicket({
          session,
          principal,
          relation,
          endpoint: endpoint as EndpointKind,
          login: principal.login ?? null,
          token: principal.token ?? null,
        }),
      logs: logsWith(needs.providers),
      asked: (what, { id, owner, environment, provider }, { account }) =>
        log.info({ session: id, owner, by: account, environment, provider }, `session to be ${what}`),
    }),
    ...sharingHandlers({
      sharing: sessions,
      clock,
      publicOrigin: config.publicUrl,
      names: (accounts) => identities.names(accounts),
    }),
    ...providerHandlers({
      configured: new Map([...needs.providers].map(([name, { capabilities }]) => [name, capabilities])),
      states: needs.states,
      clock,
    }),
    ...noticeHandlers(needs.notices),
    ...usageHandlers({
      clock,
      limits: config.admission,
      usageOf: (account, from, to) => usageOf(database, account, from, to),
    }),
  };
}
